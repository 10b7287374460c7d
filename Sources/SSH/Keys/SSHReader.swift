/// Takes apart bytes in SSH's encoding (RFC 4251 section 5); every read is nil when too few are left.
struct SSHReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  var isAtEnd: Bool { rest.isEmpty }
  var count: Int { rest.count }

  mutating func byte() -> UInt8? { rest.popFirst() }

  mutating func bytes(_ count: Int) -> [UInt8]? {
    guard count >= 0, count <= rest.count else { return nil }
    defer { rest.removeFirst(count) }
    return Array(rest.prefix(count))
  }

  mutating func uint32() -> UInt32? { bytes(4).map { $0.reduce(0) { $0 << 8 | UInt32($1) } } }

  mutating func uint64() -> UInt64? { bytes(8).map { $0.reduce(0) { $0 << 8 | UInt64($1) } } }

  mutating func string() -> [UInt8]? {
    guard let length = uint32() else { return nil }
    return bytes(Int(length))
  }

  mutating func text() -> String? { string().map { String(decoding: $0, as: UTF8.self) } }
}

/// Puts bytes together in SSH's encoding.
struct SSHWriter {
  private(set) var bytes: [UInt8] = []

  mutating func byte(_ value: UInt8) { bytes.append(value) }

  mutating func uint32(_ value: UInt32) {
    bytes.append(
      contentsOf: stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
    )
  }

  mutating func uint64(_ value: UInt64) {
    uint32(UInt32(truncatingIfNeeded: value >> 32))
    uint32(UInt32(truncatingIfNeeded: value))
  }

  mutating func string(_ value: some Collection<UInt8>) {
    uint32(UInt32(value.count))
    bytes.append(contentsOf: value)
  }

  mutating func text(_ value: String) { string(Array(value.utf8)) }

  /// A number that is never negative: a leading zero keeps its top bit free (`mpint`).
  mutating func number(_ value: [UInt8]) {
    let digits = value.drop { $0 == 0 }
    string((digits.first ?? 0) & 0x80 == 0 ? Array(digits) : [0] + digits)
  }
}
