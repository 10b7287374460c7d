/// A text of Lua as the bytes it is made of: a file's content or an input need not be UTF-8.
package struct ByteText: ValueConvertible, Sendable, Equatable {
  package let bytes: [UInt8]

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  package static var luaType: String { "string" }

  package init(_ value: Value) throws(ConversionError) {
    switch value {
    case .string(let text): bytes = Array(text.utf8)
    case .bytes(let bytes): self.bytes = bytes
    default: throw ConversionError(expected: "a string", found: value)
    }
  }

  package var value: Value { String(validating: bytes, as: UTF8.self).map(Value.string) ?? .bytes(bytes) }
}

extension ByteText: ExpressibleByStringLiteral {
  package init(stringLiteral text: String) { self.init(Array(text.utf8)) }
}
