import CLuaBridge
import PrimitiveKit

/// Reads a list of values that came out of Lua.
///
/// Borrows the list, keeps its owner alive, and is valid only until Lua runs again.
struct LuaReader {
  private let list: OpaquePointer
  private let owner: AnyObject?
  private var position = 0

  /// `owner` is nil when the caller guarantees the list's life.
  init(_ list: OpaquePointer, of owner: AnyObject? = nil) {
    self.list = list
    self.owner = owner
  }

  private mutating func next() -> opsh_item {
    defer { position += 1 }
    return opsh_values_at(list, position)
  }

  /// Everything in the list.
  mutating func values() -> [Value] {
    var values: [Value] = []
    while position < opsh_values_count(list) { values.append(value()) }
    return values
  }

  /// The next value; a function, which no `Value` can hold, reads as null.
  mutating func value() -> Value {
    let item = next()
    switch item.tag {
    case OPSH_NULL: return .jsonNull
    case OPSH_BOOL: return .bool(item.integer != 0)
    case OPSH_INT: return .int(Int(item.integer))
    case OPSH_NUMBER: return .number(item.number)
    case OPSH_STRING: return LuaReader.string(item)
    case OPSH_ARRAY: return .array((0..<item.integer).map { _ in value() })
    case OPSH_SET: return .set(LuaReader.name(next()))
    case OPSH_SECRET: return .secret(Secret(LuaReader.name(next())))
    case OPSH_UNKNOWN:
      let why = LuaReader.name(next())
      return .unknown(Unknown(why: why, origin: LuaReader.name(next())))
    case OPSH_TABLE:
      var fields: [String: Value] = [:]
      for _ in 0..<item.integer {
        let name = LuaReader.name(next())
        fields[LuaReader.free(name, in: fields)] = value()
      }
      return .table(fields)
    default: return .null
    }
  }

  /// The next value, whose functions become references into `engine`.
  mutating func field(_ reference: (Int64) -> LuaFunctionReference) -> LuaField {
    let item = opsh_values_at(list, position)
    switch item.tag {
    case OPSH_FUNCTION:
      position += 1
      return .function(reference(item.integer))
    case OPSH_TABLE:
      position += 1
      var fields: [String: LuaField] = [:]
      for _ in 0..<item.integer {
        let name = LuaReader.name(next())
        fields[LuaReader.free(name, in: fields)] = field(reference)
      }
      return .table(fields)
    case OPSH_ARRAY:
      position += 1
      return .array((0..<item.integer).map { _ in field(reference) })
    default: return .value(value())
    }
  }

  private static func string(_ item: opsh_item) -> Value {
    let bytes = UnsafeRawBufferPointer(start: item.bytes, count: item.length)
    return String(validating: bytes, as: UTF8.self).map(Value.string) ?? .bytes(Array(bytes))
  }

  /// The name, or with a number where another key reads the same: 1 and "1", or two that differ in bytes that are no text.
  private static func free(_ name: String, in fields: [String: some Any]) -> String {
    guard fields[name] != nil else { return name }
    var number = 2
    while fields["\(name)#\(number)"] != nil { number += 1 }
    return "\(name)#\(number)"
  }

  // A field name that is not UTF-8 keeps its place with replacement characters.
  private static func name(_ item: opsh_item) -> String {
    String(decoding: UnsafeRawBufferPointer(start: item.bytes, count: item.length), as: UTF8.self)
  }
}
