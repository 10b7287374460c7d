package import PrimitiveKit

/// Text that selects hosts; a list of names works too.
package struct HostSelector: ValueConvertible, ExpressibleByStringLiteral, Sendable {
  package let text: String

  package static var luaType: String { "string|set" }
  package static var completion: Completion { .selectors }

  package init(stringLiteral text: String) { self.text = text }

  package init(_ value: Value) throws(ConversionError) {
    text = try selectorText(value)
  }

  package var value: Value { .string(text) }
}

/// Text that selects bots; a bot's number and a list of names work too.
package struct BotSelector: ValueConvertible, ExpressibleByStringLiteral, Sendable {
  package let text: String
  /// Whether it is a set of names, and not a text that selects.
  package let isSet: Bool

  package static var luaType: String { "string|set|integer" }
  package static var completion: Completion { .selectors }
  package static var tellsSets: Bool { true }

  package init(stringLiteral text: String) { (self.text, isSet) = (text, false) }

  package init(_ value: Value) throws(ConversionError) {
    switch value {
    case .int(let number) where number >= 0: (text, isSet) = ("bot\(number)", false)
    case .set(let folded): (text, isSet) = (folded, true)
    default: (text, isSet) = (try selectorText(value.plain), false)
    }
  }

  package var value: Value { isSet ? .set(text) : .string(text) }
}

private func selectorText(_ value: Value) throws(ConversionError) -> String {
  switch value {
  case .string(let text): return text
  case .array(let elements):
    var names: [String] = []
    for element in elements { names.append(try String(element)) }
    return names.joined(separator: ",")
  default: throw ConversionError(expected: #"a selector such as "web[1-9]" or "@group""#, found: value)
  }
}
