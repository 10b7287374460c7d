import CLuaBridge
import PrimitiveKit

/// A list of values on its way into Lua.
struct LuaValues: ~Copyable {
  private let raw: OpaquePointer

  /// Throws `value.depth` when a value is nested too deeply for Lua.
  init(_ values: [Value] = []) throws(CallFailure) {
    guard let raw = opsh_values_new() else { throw .outOfMemory }
    do throws(CallFailure) {
      for value in values { try LuaValues.add(value, to: raw) }
    } catch {
      opsh_values_free(raw)
      throw error
    }
    self.raw = raw
  }

  deinit { opsh_values_free(raw) }

  /// Lends the list to C; it lives until `body` returns.
  borrowing func lend<Result>(_ body: (OpaquePointer) -> Result) -> Result { body(raw) }

  // Lua tables are built by recursion in C; 64 levels is also what a script may pass to us.
  static let deepest = 64

  /// Appends a value to a list that the caller owns.
  static func add(_ value: Value, to list: OpaquePointer, depth: Int = 0) throws(CallFailure) {
    guard depth <= deepest else {
      throw CallFailure(.invalid, code: "value.depth", message: "the value is nested more than \(deepest) levels deep")
    }
    switch value {
    case .null: opsh_values_add(list, OPSH_NIL, 0)
    case .jsonNull: opsh_values_add(list, OPSH_NULL, 0)
    case .bool(let bool): opsh_values_add(list, OPSH_BOOL, bool ? 1 : 0)
    case .int(let int): opsh_values_add(list, OPSH_INT, Int64(int))
    case .number(let number): opsh_values_add_number(list, number)
    case .string(let string): add(string, to: list)
    case .bytes(let bytes):
      bytes.withUnsafeBytes { opsh_values_add_string(list, $0.baseAddress, $0.count) }
    case .unknown(let unknown):
      opsh_values_add(list, OPSH_UNKNOWN, 0)
      add(unknown.why, to: list)
      add(unknown.origin, to: list)
    case .set(let text):
      opsh_values_add(list, OPSH_HANDLE, 0)
      add("set", to: list)
      add(text, to: list)
    case .handle(let handle):
      opsh_values_add(list, OPSH_HANDLE, 0)
      add(handle.kind, to: list)
      add(handle.name, to: list)
    case .secret(let secret):
      opsh_values_add(list, OPSH_SECRET, 0)
      add(secret.name, to: list)
    case .array(let elements):
      opsh_values_add(list, OPSH_ARRAY, Int64(elements.count))
      for element in elements { try add(element, to: list, depth: depth + 1) }
    case .table(let fields):
      opsh_values_add(list, OPSH_TABLE, Int64(fields.count))
      for (name, field) in fields {
        add(name, to: list)
        try add(field, to: list, depth: depth + 1)
      }
    }
  }

  private static func add(_ string: String, to list: OpaquePointer) {
    var string = string
    string.withUTF8 { opsh_values_add_string(list, $0.baseAddress, $0.count) }
  }

  /// Appends a failure as the table that Lua raises.
  static func add(_ failure: CallFailure, to list: OpaquePointer) {
    // Short fields are never too deep.
    try? add(failure.raised, to: list)
  }
}

extension CallFailure {
  static let outOfMemory = CallFailure(.invalid, code: "lua.memory", message: "not enough memory")
}
