import Foundation

/// As JSON. What JSON lacks is written as an object with one key that begins with `$`: bytes, numbers that are whole,
/// infinite or NaN, a null inside a table, unknown values, secrets by name, sets, and objects that would look like one of these.
extension Value: Codable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  package init(from decoder: any Decoder) throws {
    if let fields = try? decoder.container(keyedBy: Key.self) {
      self = try Value.object(fields)
    } else if var list = try? decoder.unkeyedContainer() {
      var values: [Value] = []
      while !list.isAtEnd { values.append(try list.decode(Value.self)) }
      self = .array(values)
    } else {
      let single = try decoder.singleValueContainer()
      if single.decodeNil() {
        self = .null
      } else if let bool = try? single.decode(Bool.self) {
        self = .bool(bool)
      } else if let int = try? single.decode(Int.self) {
        self = .int(int)
      } else if let number = try? single.decode(Double.self) {
        self = .number(number)
      } else {
        self = .string(try single.decode(String.self))
      }
    }
  }

  private static func object(_ fields: KeyedDecodingContainer<Key>) throws -> Value {
    if fields.allKeys.count == 1, let key = fields.allKeys.first {
      switch key.stringValue {
      case "$bytes": return .bytes(Array(try fields.decode(Data.self, forKey: key)))
      case "$number":
        if let number = Double(try fields.decode(String.self, forKey: key)) { return .number(number) }
      case "$null": return .jsonNull
      case "$unknown": return .unknown(try fields.decode(Unknown.self, forKey: key))
      case "$secret": return .secret(Secret(try fields.decode(String.self, forKey: key)))
      case "$set": return .set(try fields.decode(String.self, forKey: key))
      case "$table": return .table(try fields.decode([String: Value].self, forKey: key))
      default: break
      }
    }
    var table: [String: Value] = [:]
    for key in fields.allKeys { table[key.stringValue] = try fields.decode(Value.self, forKey: key) }
    return .table(table)
  }

  package func encode(to encoder: any Encoder) throws {
    switch self {
    case .null:
      var single = encoder.singleValueContainer()
      try single.encodeNil()
    case .jsonNull: try Value.wrap("$null", true, encoder)
    case .bool(let bool): try bool.encode(to: encoder)
    case .int(let int): try int.encode(to: encoder)
    case .number(let number) where number.isFinite && number != number.rounded(): try number.encode(to: encoder)
    case .number(let number): try Value.wrap("$number", "\(number)", encoder)
    case .string(let string): try string.encode(to: encoder)
    case .bytes(let bytes): try Value.wrap("$bytes", Data(bytes), encoder)
    case .unknown(let unknown): try Value.wrap("$unknown", unknown, encoder)
    case .set(let text): try Value.wrap("$set", text, encoder)
    case .secret(let secret): try Value.wrap("$secret", secret.name, encoder)
    case .handle(let handle): try handle.name.encode(to: encoder)
    case .array(let values): try values.encode(to: encoder)
    case .table(let fields) where fields.count == 1 && fields.first?.key.hasPrefix("$") == true:
      try Value.wrap("$table", fields, encoder)
    case .table(let fields): try fields.encode(to: encoder)
    }
  }

  private static func wrap(_ key: String, _ content: some Encodable, _ encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Key.self)
    try fields.encode(content, forKey: Key(stringValue: key))
  }
}
