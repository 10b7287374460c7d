import LuaRuntime
import PrimitiveKit
import Synchronization

/// The functions of one plugin in the session's Lua.
///
/// A dry run has instances of its own, whose decisions are traced: they are loaded when the first dry run calls one.
final class PluginCode: Sendable {
  let file: PluginFile
  private let authority: LuaAuthority
  private let modules = Mutex<[Bool: LuaField]>([:])

  init(file: PluginFile, authority: LuaAuthority) {
    self.file = file
    self.authority = authority
  }

  /// Loads `init.lua`; throws as `LuaEngine.load` does.
  @discardableResult
  func load(in engine: LuaEngine, tracing: Bool) async throws(CallFailure) -> LuaField {
    if let module = modules.withLock({ $0[tracing] }) { return module }
    do throws(CallFailure) {
      let module = try await engine.load(
        module: file.source,
        name: "@\(file.path)",
        authority: authority,
        tracing: tracing
      )
      modules.withLock { $0[tracing] = module }
      return module
    } catch {
      throw file.telling(error)
    }
  }

  /// A function that the manifest promises; throws `plugin.invalid` when a dry run's instance lacks it.
  func function(_ section: String, _ name: String, in engine: LuaEngine, tracing: Bool) async throws(CallFailure)
    -> LuaFunctionReference
  {
    guard let function = try await load(in: engine, tracing: tracing)[section]?[name]?.function else {
      throw file.failure(at: section, "the function '\(name)' is missing in a dry run", hint: nil)
    }
    return function
  }
}
