import PrimitiveKit
import Site

/// What a look at hosts answers to a script: what was seen, or in a plan a value that is not known yet.
struct PlannedRead<Answer: ValueConvertible>: Answered {
  let value: Value

  static var luaType: String { Answer.luaType }
  static var fields: [FieldInfo] { Answer.fields }
}

extension Fleet {
  /// Looks at hosts, unless the plan that the call belongs to changes one of them before: it is not changed yet.
  func plannedRead<Answer: ValueConvertible>(
    _ primitive: String,
    of hosts: [Host],
    _ look: () async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> PlannedRead<Answer> {
    if let unknown = await unseen(primitive, hosts) { return PlannedRead(value: .unknown(unknown)) }
    return PlannedRead(value: try await look().value)
  }

  /// Why a plan cannot know what a look at these hosts will find; nil where it can.
  func unseen(_ primitive: String, _ hosts: [Host]) async -> Unknown? {
    guard let run = CallContext.current.run, run.world.mode == .dry,
      let change = await run.plannedChange(on: .host, Set(hosts.map(\.name)))
    else { return nil }
    return Unknown(why: "it reads something an earlier step of the plan changes: \(change)", origin: primitive)
  }
}
