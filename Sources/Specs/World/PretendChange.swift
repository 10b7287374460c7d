import PrimitiveKit

/// What a pretend primitive that changes something does: it is predicted, recorded and answered as the case says.
struct PretendChange: Operation {
  typealias Outcome = Value
  static let kind = "pretend.change"

  /// What the case answers to the call that is being made.
  struct Reply: Sendable {
    // A struct for the reason that `CallStop` is one.
    @TaskLocal static var current = Reply { .success(.null) }

    let answer: @Sendable () async -> Result<Value, CallFailure>
  }

  let name: String
  /// As JSON with sorted keys.
  let arguments: String

  // Nothing has to be held for what only pretends, so the locks of a plan are those that its runbook names.
  var target: OperationTarget { OperationTarget(kind: .host, name: "web1", scopes: []) }
  var effect: Effect { .changes }
  var summary: String { "\(name) \(arguments)" }

  func predict(in world: World) async throws(CallFailure) -> Prediction<Value> {
    let answer = try await Reply.current.answer().get()
    if case .unknown(let unknown) = answer { return .unknown(why: unknown.why) }
    return .exact(answer)
  }

  // What a case answers does not depend on what was done before.
  var restsOn: [PredictedWorld.Thing] { [] }
  func leave(_ outcome: Value?, in world: PredictedWorld, why: String) {}

  func perform(in world: World) async throws(CallFailure) -> Value { try await Reply.current.answer().get() }
  func probe(in world: World) async throws(CallFailure) -> Probe<Value> { .notDone }
  func inverse(of outcome: Value) -> (any Operation)? { nil }
}
