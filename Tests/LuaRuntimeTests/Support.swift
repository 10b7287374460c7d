import LuaRuntime
import PrimitiveKit
import Testing

extension LuaEngine {
  /// Runs a script and answers its results.
  @discardableResult
  func script(_ source: String, name: String = "@test.lua") async throws(CallFailure) -> [Value] {
    try await run(source, name: name, kind: .script)
  }

  /// Runs a script that must fail, and answers how.
  func failure(_ source: String, name: String = "@test.lua", kind: Kind = .script) async -> CallFailure? {
    do throws(CallFailure) {
      let values = try await run(source, name: name, kind: kind)
      Issue.record("did not fail, but answered \(values)")
      return nil
    } catch {
      return error
    }
  }
}
