package import LuaRuntime
import LuaSyntax
package import PrimitiveKit
import RunbookHeader

/// Calls functions of a runbook, each in a coroutine of its own.
package struct LuaInvoker: Sendable {
  private let engine: LuaEngine
  private let module: LuaField
  /// Whether uses of unknown values are traced: in dry runs.
  private let tracing: Bool

  /// Loads opsh's side of a job; throws what Lua throws.
  ///
  /// With an authority the runbook is code of a plugin: what opsh's side compiles for it acts with that.
  package init(engine: LuaEngine, authority: LuaAuthority? = nil, tracing: Bool) async throws(CallFailure) {
    self.engine = engine
    self.tracing = tracing
    module = try await engine.load(
      module: String(decoding: PackageResources.job_lua, as: UTF8.self),
      name: "=job",
      authority: authority,
      isTrusted: true,
      tracing: tracing
    )
  }

  /// Compiles a runbook's text and runs it, without letting it call anything; it only defines.
  ///
  /// Throws `lua.syntax`, `runbook.loading` when it calls a primitive, and what it raised.
  package func open(_ text: String, name: String) async throws(CallFailure) {
    let rewritten = try CommandForm.rewrite(RunbookFile.executable(text), name: name)
    let context = CallContext(allowed: [], name: "a runbook that is only loaded")
    let result = await CallContext.$current.withValue(context) {
      await CallFailure.result { () async throws(CallFailure) in
        try await call("open", [.string(rewritten), .string(name)])
      }
    }
    _ = try result.get()
  }

  /// Calls a function of the runbook, for example `run`, with the job first.
  func section(_ name: String, _ arguments: [Value]) async throws(CallFailure) -> Value {
    try await call("call", [.string(name)] + arguments)
  }

  /// Calls a body that a step was given.
  func body(_ number: Int, _ arguments: [Value], withJob: Bool) async throws(CallFailure) -> Value {
    try await call(withJob ? "invoke_with_job" : "invoke", [.int(number)] + arguments)
  }

  private func call(_ name: String, _ arguments: [Value]) async throws(CallFailure) -> Value {
    guard let function = module[name]?.function else {
      throw CallFailure(.defect, code: "internal.error", message: "the job module has no '\(name)'")
    }
    do throws(CallFailure) {
      // A runbook takes as long as its work does.
      return try await engine.call(function, arguments, tracing: tracing, budget: .unlimited).first ?? .null
    } catch {
      throw LuaInvoker.inTheirWords(error)
    }
  }

  /// The failure as the author of a runbook sees it: `job:each`, not what stands behind it.
  static func inTheirWords(_ failure: CallFailure) -> CallFailure {
    var failure = failure
    failure.trace.removeAll { $0.hasPrefix("job:") && $0.dropFirst(4).first?.isNumber == true }
    if let match = failure.message.firstMatch(of: #/^job:\d+: /#) { failure.message.removeSubrange(match.range) }
    failure.message = failure.message.replacing("opsh_job_", with: "job:")
    return failure
  }
}
