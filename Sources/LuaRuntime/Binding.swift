import CLuaBridge
import Glibc
import PrimitiveKit

extension Dispatcher {
  /// Makes primitives callable from Lua under their names.
  func bind(_ primitives: [Primitive], in state: OpaquePointer) throws(CallFailure) {
    for primitive in primitives {
      let name = primitive.info.name
      let answer: opsh_binding
      switch primitive.body {
      case .prelude: continue
      case .constant(let value):
        _ = add(primitive)
        answer = try LuaValues([value]).lend { opsh_lua_bind_value(state, name, $0) }
      case .immediate, .awaiting: answer = opsh_lua_bind(state, name, add(primitive), !primitive.info.isImmediate)
      }
      switch answer {
      case OPSH_BOUND: break
      case OPSH_TAKEN:
        removeLast()
        throw CallFailure(.invalid, code: "catalog.duplicate", message: "Lua already has something named '\(name)'")
      default: throw .outOfMemory
      }
    }
  }
}

extension LuaState {
  /// The list of names under a path; it lives until the next call.
  static func names(_ state: OpaquePointer, under path: [String]) -> OpaquePointer {
    let copies = path.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    let pointers = copies.map { UnsafePointer<CChar>($0) }
    return opsh_lua_names(state, pointers, pointers.count)
  }
}
