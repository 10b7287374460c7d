import LuaRuntime
import PrimitiveKit
import Synchronization

/// Primitives as opsh and its plugins declare them, answering what a case says and remembering what was asked of them.
final class PretendCalls: Sendable {
  /// A call that would have changed something.
  struct Call: CustomStringConvertible {
    let name: String
    let arguments: [String: Value]

    var description: String { "\(name) \(Value.table(arguments).literal)" }
  }

  private struct State {
    var changes: [Call] = []
    var missing: [String] = []
    var counts: [String: Int] = [:]
  }

  private let state = Mutex(State())
  private let answers: [String: LuaField]
  /// What a plan cannot know the outcome of.
  private let unknown: [String]
  /// The engine of the spec file, whose functions answer.
  private let engine: LuaEngine

  init(answers: [String: LuaField], unknown: [String], engine: LuaEngine) {
    (self.answers, self.unknown, self.engine) = (answers, unknown, engine)
  }

  /// The changes that were made, in order; what was only planned is not among them.
  var changes: [Call] { state.withLock { $0.changes } }

  /// What was called and has no answer, each once: whoever called it may have caught that.
  var missing: [String] { state.withLock { $0.missing } }

  /// Names that the case answers, or calls unknown, and that are no primitive of these.
  func strangers(among catalog: Catalog) -> [String] {
    (answers.keys.sorted() + unknown).filter { catalog[$0] == nil }
  }

  /// The declarations of opsh with pretend bodies; what reaches nothing outside of Lua is real unless the case answers it.
  func pretend(_ real: [Primitive]) -> [Primitive] {
    real.map { primitive in
      let isOfLua = primitive.access == .anybody || primitive.info.name.hasPrefix("opsh_")
      return isOfLua && answers[primitive.info.name] == nil ? primitive : pretend(primitive)
    }
  }

  /// The primitives of plugins that the case answers, with pretend bodies; the rest of them is real.
  func answered(_ own: [Primitive]) -> [Primitive] {
    own.filter { answers[$0.info.name] != nil }.map(pretend)
  }

  private func pretend(_ primitive: Primitive) -> Primitive {
    switch primitive.body {
    case .constant, .prelude: return primitive
    case .immediate, .awaiting: break
    }
    var pretended = primitive.answering { [self] (arguments) async throws(CallFailure) in
      try await call(primitive.info, arguments)
    }
    pretended.access = primitive.access
    return pretended
  }

  private func call(_ info: PrimitiveInfo, _ arguments: [String: Value]) async throws(CallFailure) -> Value {
    let context = CallContext.current
    let isPlan = context.run.map { $0.world.mode == .dry } ?? context.isDryRun
    guard info.effect(of: [.table(arguments)]) != .reads else {
      return try await answer(info.name, arguments, isPlan: isPlan)
    }
    if !isPlan { state.withLock { $0.changes.append(Call(name: info.name, arguments: arguments)) } }
    guard let run = context.run else { return try await answer(info.name, arguments, isPlan: isPlan) }
    let change = PretendChange(name: info.name, arguments: try OperationCoding().encode(Value.table(arguments)))
    let reply = PretendChange.Reply { [self] in
      do throws(CallFailure) {
        return .success(try await answer(info.name, arguments, isPlan: isPlan))
      } catch {
        return .failure(error)
      }
    }
    let result = await PretendChange.Reply.$current.withValue(reply) {
      do throws(CallFailure) {
        return Result<Value?, CallFailure>.success(try await run.perform(change))
      } catch {
        return .failure(error)
      }
    }
    return try result.get() ?? unforeseen(info.name)
  }

  private func unforeseen(_ name: String) -> Value {
    .unknown(Unknown(why: "its outcome is not known until it has run", origin: name))
  }

  private func answer(_ name: String, _ arguments: [String: Value], isPlan: Bool) async throws(CallFailure) -> Value {
    if isPlan, unknown.contains(name) { return unforeseen(name) }
    guard let field = answers[name] else {
      state.withLock { if !$0.missing.contains(name) { $0.missing.append(name) } }
      throw CallFailure(
        .failed,
        code: "spec.answer",
        message: "the case has no answer for \(name)",
        hint: "add it to `answers`: a value, or a function of the arguments"
      )
    }
    guard let function = field.function else { return field.data }
    let count = state.withLock { state in
      state.counts["\(name) \(isPlan)", default: 0] += 1
      return state.counts["\(name) \(isPlan)", default: 1]
    }
    return try await engine.call(function, [.table(arguments), .int(count), .bool(isPlan)]).first ?? .null
  }
}
