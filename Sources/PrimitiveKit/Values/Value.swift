/// A value that crosses the Lua boundary: plain data, copied, safe to send.
package enum Value: Sendable, Equatable {
  case null
  /// A null that a table can hold, as JSON has one: `json.null` in Lua, where nil would be no field at all.
  case jsonNull
  case bool(Bool)
  case int(Int)
  case number(Double)
  case string(String)
  /// A Lua string that is not valid UTF-8.
  case bytes([UInt8])
  /// A list; an empty one that came from us is still one when it comes back.
  case array([Value])
  /// A table with string keys; the empty Lua table of a script reads as this case.
  case table([String: Value])
  /// What only a dry run holds: a value that is not known yet.
  case unknown(Unknown)
  /// A set of names as its folded text, for whoever tells it from a text that selects names.
  case set(String)
  /// Something of the site that Lua holds as a frozen table; from Lua it comes back as its name.
  case handle(Handle)
  /// A secret of the site, by name alone.
  case secret(Secret)

  /// Names what a frozen table of Lua stands for; its fields are read when they are asked for.
  package struct Handle: Sendable, Equatable {
    /// For example `system`.
    package let kind: String
    package let name: String

    package init(_ kind: String, _ name: String) {
      self.kind = kind
      self.name = name
    }
  }

  /// The name Lua uses for the type of this value.
  package var typeName: String {
    switch self {
    case .null: "nil"
    case .jsonNull: "json.null"
    case .bool: "boolean"
    case .int, .number: "number"
    case .string, .bytes: "string"
    case .array, .table: "table"
    case .unknown: "unknown"
    case .set: "set"
    case .handle(let handle): handle.kind
    case .secret: "secret"
    }
  }

  /// The field of a table, or `null` for a missing field and for every other value.
  package subscript(field: String) -> Value {
    guard case .table(let fields) = self else { return .null }
    return fields[field] ?? .null
  }
}

extension Value {
  /// The value as Lua source that evaluates to it again; an unknown one reads `unknown (why)`.
  package var literal: String {
    switch self {
    case .null: "nil"
    case .jsonNull: "json.null"
    case .bool(let bool): "\(bool)"
    case .int(let int): "\(int)"
    case .number(let number): "\(number)"
    case .string(let string): Value.quoted(string.utf8)
    case .bytes(let bytes): Value.quoted(bytes)
    case .array(let values) where values.isEmpty: "{}"
    case .array(let values): "{ \(values.map(\.literal).joined(separator: ", ")) }"
    case .unknown(let unknown): "unknown (\(unknown.why))"
    case .set(let text): "set \(Value.quoted(text.utf8))"
    case .handle(let handle): Value.quoted(handle.name.utf8)
    case .secret(let secret): "\(secret)"
    case .table(let table) where table.isEmpty: "{}"
    case .table(let table):
      "{ \(table.sorted { $0.key < $1.key }.map { "\(Value.key($0.key)) = \($0.value.literal)" }.joined(separator: ", ")) }"
    }
  }

  private static func key(_ name: String) -> String {
    let isName = name.utf8.enumerated().allSatisfy { index, byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"): index > 0
      default: false
      }
    }
    return isName && !name.isEmpty ? name : "[\(quoted(name.utf8))]"
  }

  private static func quoted(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = [UInt8(ascii: "\"")]
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
      case UInt8(ascii: "\n"): text += Array("\\n".utf8)
      case UInt8(ascii: "\t"): text += Array("\\t".utf8)
      case UInt8(ascii: "\r"): text += Array("\\r".utf8)
      case 0..<32, 127:
        let digits = String(byte)
        text += Array("\\\(String(repeating: "0", count: 3 - digits.count))\(digits)".utf8)
      default: text.append(byte)
      }
    }
    text.append(UInt8(ascii: "\""))
    return String(decoding: text, as: UTF8.self)
  }
}

extension Value {
  /// The same value with the text in the place of each set, and the name in that of each handle.
  package var plain: Value {
    switch self {
    case .set(let text): .string(text)
    case .handle(let handle): .string(handle.name)
    case .array(let values) where !isPlain: .array(values.map(\.plain))
    case .table(let fields) where !isPlain: .table(fields.mapValues(\.plain))
    default: self
    }
  }

  private var isPlain: Bool {
    switch self {
    case .set, .handle: false
    case .array(let values): values.allSatisfy(\.isPlain)
    case .table(let fields): fields.values.allSatisfy(\.isPlain)
    default: true
    }
  }

  /// The fields of a table; none for everything else.
  package var tableFields: [String: Value] {
    guard case .table(let fields) = self else { return [:] }
    return fields
  }
}
