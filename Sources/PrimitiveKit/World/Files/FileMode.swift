/// Permission bits, given as octal text (`"0600"`) or a number written in decimal digits that read as octal.
package struct FileMode: ValueConvertible, Sendable, Equatable {
  package let bits: Int

  package init(_ bits: Int) { self.bits = bits }

  package static var luaType: String { "string" }

  package init(_ value: Value) throws(ConversionError) {
    let text: String
    switch value {
    case .string(let string): text = string
    case .int(let number): text = "\(number)"
    default: throw ConversionError(expected: #"octal permission bits such as "0644""#, found: value)
    }
    guard let bits = Int(text, radix: 8), (0...0o7777).contains(bits) else {
      throw ConversionError(expected: #"octal permission bits such as "0644""#, found: value)
    }
    self.bits = bits
  }

  package var value: Value { .string(text) }

  /// Four digits or more.
  package var text: String {
    let digits = String(bits, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
