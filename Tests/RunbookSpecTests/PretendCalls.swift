import Fleet
import JournalPrimitives
import LuaRuntime
import OpshTesting
import PrimitiveKit
import Runbooks
import Synchronization

/// The primitives of opsh as they are declared, answering what a case says and remembering what was asked of them.
final class PretendCalls: Sendable {
  /// A call that would have changed something.
  struct Call: Equatable, CustomStringConvertible {
    let name: String
    let arguments: [String: Value]

    var description: String { "\(name) \(Value.table(arguments).literal)" }
  }

  private struct State {
    var changes: [Call] = []
    var counts: [String: Int] = [:]
  }

  private let state = Mutex(State())
  private let answers: [String: LuaField]
  /// What a plan cannot know the outcome of.
  private let unknown: [String]
  /// The engine of the spec file, whose functions answer.
  private let engine: LuaEngine

  init(answers: [String: LuaField], unknown: [String], engine: LuaEngine) {
    self.answers = answers
    self.unknown = unknown
    self.engine = engine
  }

  /// The changes that were made, in order; what was only planned is not among them.
  var changes: [Call] { state.withLock { $0.changes } }

  /// The real declarations with pretend bodies.
  func primitives() throws(CallFailure) -> [Primitive] {
    let journal = JournalPrimitives(PretendWorld.runs).all
    let real = try PretendFleet.primitives() + RunbookPrimitives(Bound(failing: .cancelled)).all + journal
    return real.map { primitive in
      primitive.answering { [self] (arguments) async throws(CallFailure) in
        try await call(primitive.info, arguments)
      }
    }
  }

  private func call(_ info: PrimitiveInfo, _ arguments: [String: Value]) async throws(CallFailure) -> Value {
    let context = CallContext.current
    guard info.effect(of: [.table(arguments)]) != .reads, let run = context.run else {
      return try await answer(info.name, arguments, isPlan: context.run?.world.mode == .dry)
    }
    let isPlan = run.world.mode == .dry
    if !isPlan { state.withLock { $0.changes.append(Call(name: info.name, arguments: arguments)) } }
    let change = PretendChange(name: info.name, arguments: try OperationCoding().encode(Value.table(arguments)))
    let reply: @Sendable () async -> Result<Value, CallFailure> = { [self] in
      do throws(CallFailure) {
        return .success(try await answer(info.name, arguments, isPlan: isPlan))
      } catch {
        return .failure(error)
      }
    }
    let result = await PretendChange.$answer.withValue(reply) {
      do throws(CallFailure) {
        return Result<Value?, CallFailure>.success(try await run.perform(change))
      } catch {
        return .failure(error)
      }
    }
    return try result.get() ?? .unknown(Unknown(why: "what it does is not known before it ran", origin: info.name))
  }

  private func answer(_ name: String, _ arguments: [String: Value], isPlan: Bool) async throws(CallFailure) -> Value {
    if isPlan, unknown.contains(name) {
      return .unknown(Unknown(why: "what it does is not known before it ran", origin: name))
    }
    guard let field = answers[name] else {
      throw CallFailure(.failed, code: "spec.answer", message: "the case has no answer for \(name)")
    }
    guard let function = field.function else { return field.data }
    let count = state.withLock { state in
      state.counts["\(name) \(isPlan)", default: 0] += 1
      return state.counts["\(name) \(isPlan)", default: 1]
    }
    return try await engine.call(function, [.table(arguments), .int(count), .bool(isPlan)]).first ?? .null
  }
}

/// A fleet that is there only for what its primitives declare.
enum PretendFleet {
  static func primitives() throws(CallFailure) -> [Primitive] {
    try Fleet(
      site: nil,
      runtimes: [:],
      world: PretendWorld.world,
      dialogue: RecordingDialogue(),
      options: SessionOptions(),
      interruptions: Interruptions()
    ).primitives
  }
}
