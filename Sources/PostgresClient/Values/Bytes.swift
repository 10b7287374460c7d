/// bytea.
package struct PostgresBytes: PostgresCodable, Equatable {
  package let bytes: [UInt8]

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  package func postgresArgument() throws(PostgresError) -> PostgresArgument {
    let digits = Array("0123456789abcdef".utf8)
    let text = Array("\\x".utf8) + bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return try PostgresArgument(String(decoding: text, as: UTF8.self), type: PostgresType.bytea)
  }

  /// Reads both forms that a session can be set to print: `hex` and `escape` (manual, 8.4).
  package init(postgres field: PostgresField) throws(PostgresError) {
    let read = field.bytes.starts(with: "\\x".utf8) ? Self.hex(field.bytes.dropFirst(2)) : Self.escape(field.bytes)
    guard field.type == PostgresType.bytea, let read else { throw field.mismatch("bytes") }
    bytes = read
  }

  private static func hex(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    guard text.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 2)
    var rest = text
    while let high = rest.popFirst(), let low = rest.popFirst() {
      guard let high = digit(high), let low = digit(low) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func escape(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    let backslash = UInt8(ascii: "\\")
    var bytes: [UInt8] = []
    var rest = text
    while let byte = rest.popFirst() {
      guard byte == backslash else {
        bytes.append(byte)
        continue
      }
      if rest.first == backslash {
        bytes.append(rest.removeFirst())
        continue
      }
      guard rest.count >= 3, let value = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8) else {
        return nil
      }
      bytes.append(value)
      rest = rest.dropFirst(3)
    }
    return bytes
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
