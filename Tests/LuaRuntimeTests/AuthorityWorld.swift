import LuaRuntime
import PrimitiveKit
import Synchronization
import Testing

/// An engine with an operator and plugins in it, and a shelf on which their code leaves values for each other.
///
/// Only data crosses between them; the table of a trusted module is how a test hands a function over.
final class AuthorityWorld: Sendable {
  let engine: LuaEngine
  private let ran: Calls

  private final class Calls: Sendable {
    let list = Mutex<[String]>([])
    func note(_ name: String) { list.withLock { $0.append("\(CallContext.current.plugin ?? "operator"): \(name)") } }
  }

  private struct Site: NameResolver {
    func group(_ name: String) -> [String]? { name == "site" ? all : nil }
    var groups: [String] { ["site"] }
    var all: [String] { ["GOLD1", "GOLD2"] }
    func tagged(_ key: String, _ value: String) -> [String] { all }
  }

  private static let shelf = """
    local internal = ...
    internal.shelf = internal.shelf or {}
    local shelf = internal.shelf
    return {
      run = function(source, chunk)
        local body, problem = load(source, chunk, "t")
        if not body then error(problem, 0) end
        return body(shelf)
      end,
    }
    """

  init(_ configuration: LuaConfiguration = LuaConfiguration()) throws {
    ran = Calls()
    engine = try LuaEngine(catalog: Catalog(AuthorityWorld.primitives(ran)), configuration: configuration)
  }

  /// Which calls ran, as "PLUGIN: name".
  func takeCalls() -> [String] {
    ran.list.withLock { list in
      defer { list = [] }
      return list
    }
  }

  /// A plugin that may call the named primitives.
  func plugin(_ name: String, may allowed: Set<String> = [], modules: [String] = []) async throws -> LuaAuthority {
    try await engine.authority(
      named: name,
      permit: { info, _ throws(CallFailure) in
        guard !allowed.contains(info.name) else { return }
        throw CallFailure(.refused, code: "test.capability", message: "plugin '\(name)' may not call \(info.name)")
      },
      modules: modules
    )
  }

  /// Runs a text with an authority, nil for the operator; `...` is the shelf.
  @discardableResult
  func run(_ source: String, as authority: LuaAuthority? = nil, name: String = "@code.lua", tracing: Bool = false)
    async throws -> [Value]
  {
    let module = try await engine.load(
      module: Self.shelf,
      name: "=shelf",
      authority: authority,
      isTrusted: true,
      tracing: tracing
    )
    let run = try #require(module["run"]?.function)
    return try await engine.call(run, [.string(source), .string(name)], tracing: tracing)
  }

  /// What a plugin's module returns.
  func module(_ source: String, _ authority: LuaAuthority) async throws(CallFailure) -> LuaField {
    try await engine.load(module: source, name: "@init.lua", authority: authority)
  }

  /// How a text with an authority fails.
  func failure(_ source: String, as authority: LuaAuthority?) async throws -> CallFailure? {
    do {
      Issue.record("did not fail, but answered \(try await run(source, as: authority))")
      return nil
    } catch let error as CallFailure {
      return error
    }
  }

  private static func primitives(_ ran: Calls) -> [Primitive] {
    let none: [Example] = []
    let look = Primitive(immediate: "host.look", "Looks.", returns: "x", examples: none) { () throws(CallFailure) in
      ran.note("host.look")
      return "x"
    }
    let command = Primitive(
      "host.run",
      "Runs a command.",
      effect: .changes,
      Parameter<Value>("command", default: .null, "Which"),
      returns: "x",
      examples: none
    ) { _ async throws(CallFailure) in
      await Task.yield()
      ran.note("host.run")
      return "x"
    }
    let plain = Primitive(immediate: "whoami", "Who calls.", returns: "Its name", examples: none) {
      () throws(CallFailure) in CallContext.current.plugin ?? "operator"
    }
    let begin = Primitive("opsh_wait_begin", "Begins.", effect: .reads, returns: "x", examples: none) {
      () async throws(CallFailure) -> Value in
      ran.note("opsh_wait_begin")
      return .table(["over": .bool(false)])
    }
    let over = Primitive(
      "opsh_wait_look",
      "Ends it.",
      effect: .reads,
      Parameter<Value>("state", default: .null, "Of the wait").whole,
      returns: "x",
      examples: none
    ) { _ async throws(CallFailure) -> Value in
      ran.note("opsh_wait_look")
      return .table(["done": .bool(true)])
    }
    let nothing = Primitive(constant: "json.null", "None.", .jsonNull, examples: none)
    return [look, command, plain, begin, over, nothing] + SetPrimitives.all { Site() }
  }
}
