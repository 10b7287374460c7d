import CLuaBridge
import PrimitiveKit

/// Owns one Lua state.
struct LuaState: ~Copyable {
  let raw: OpaquePointer

  /// Opens a sandboxed state; throws `lua.open` when there is no memory or the sandbox has a hole.
  init(memoryLimit: Int) throws(CallFailure) {
    let prelude = PackageResources.prelude_lua + PackageResources.waiting_lua + PackageResources.unknown_lua
    var message = [CChar](repeating: 0, count: 512)
    let raw = prelude.withUnsafeBytes { bytes in
      opsh_lua_new(memoryLimit, bytes.baseAddress, bytes.count, &message, message.count)
    }
    guard let raw else {
      let text = message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
      throw CallFailure(
        .defect,
        code: "lua.open",
        message: "Lua cannot start: \(String(decoding: text, as: UTF8.self))"
      )
    }
    self.raw = raw
  }

  deinit { opsh_lua_free(raw) }

  var waker: LuaWaker { LuaWaker(raw: raw) }
}

/// Makes running Lua code look whether it should stop; usable on any thread while the engine lives.
struct LuaWaker: Sendable {
  // opsh_lua_wake reads two atomics and signals a thread; it touches nothing else of the state.
  nonisolated(unsafe) let raw: OpaquePointer

  func wake() { opsh_lua_wake(raw) }
}
