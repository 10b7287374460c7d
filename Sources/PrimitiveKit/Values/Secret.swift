/// A secret of the site by its name; the value is never part of it.
///
/// Lua holds it as a value of its own type, which nothing turns into text that is more than the name. Only a change opens
/// it, through the service `Secrets`.
package struct Secret: ValueConvertible, Hashable, Codable, CustomStringConvertible {
  package let name: String

  package init(_ name: String) { self.name = name }

  package static var luaType: String { "Secret" }

  package init(_ value: Value) throws(ConversionError) {
    guard case .secret(let secret) = value else {
      throw ConversionError(
        expected: "a secret",
        found: value,
        hint: "`secret \"NAME\"` is a secret of the site; its value is never written in a script"
      )
    }
    self = secret
  }

  package var value: Value { .secret(self) }

  /// What stands for it wherever people read.
  package var description: String { "‹secret \(name)›" }
}

/// A text that a script gives, or a secret whose value is only put there by the change.
package enum PrivateText: ValueConvertible, Equatable {
  case bytes([UInt8])
  case secret(Secret)

  package static var luaType: String { "string|Secret" }

  package init(_ value: Value) throws(ConversionError) {
    switch value {
    case .string(let text): self = .bytes(Array(text.utf8))
    case .bytes(let bytes): self = .bytes(bytes)
    case .secret(let secret): self = .secret(secret)
    default: throw ConversionError(expected: "a string or a secret", found: value)
    }
  }

  package var value: Value {
    switch self {
    case .bytes(let bytes): ByteText(bytes).value
    case .secret(let secret): secret.value
    }
  }

  package var isEmpty: Bool { self == .bytes([]) }
}

extension PrivateText: ExpressibleByStringLiteral {
  package init(stringLiteral text: String) { self = .bytes(Array(text.utf8)) }
}
