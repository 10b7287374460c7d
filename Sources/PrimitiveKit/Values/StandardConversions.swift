import Foundations

extension String: ValueConvertible {
  package static var luaType: String { "string" }
  package init(_ value: Value) throws(ConversionError) {
    guard case .string(let string) = value else { throw ConversionError(expected: "a string", found: value) }
    self = string
  }
  package var value: Value { .string(self) }
}

extension Int: ValueConvertible {
  package static var luaType: String { "integer" }
  package init(_ value: Value) throws(ConversionError) {
    switch value {
    case .int(let int): self = int
    case .number(let number):
      guard let int = Int(exactly: number) else { throw ConversionError(expected: "a whole number", found: value) }
      self = int
    default: throw ConversionError(expected: "a whole number", found: value)
    }
  }
  package var value: Value { .int(self) }
}

extension Double: ValueConvertible {
  package static var luaType: String { "number" }
  package init(_ value: Value) throws(ConversionError) {
    switch value {
    case .int(let int): self = Double(int)
    case .number(let number): self = number
    default: throw ConversionError(expected: "a number", found: value)
    }
  }
  package var value: Value { .number(self) }
}

extension Bool: ValueConvertible {
  package static var luaType: String { "boolean" }
  package init(_ value: Value) throws(ConversionError) {
    guard case .bool(let bool) = value else { throw ConversionError(expected: "true or false", found: value) }
    self = bool
  }
  package var value: Value { .bool(self) }
}

extension Array: ValueConvertible where Element: ValueConvertible {
  package static var luaType: String { Element.luaType + "[]" }
  package static var tellsSets: Bool { Element.tellsSets }
  package static var completion: Completion { Element.completion }
  package static var fields: [FieldInfo] { Element.fields }
  package init(_ value: Value) throws(ConversionError) {
    self = []
    switch value {
    case .array(let elements):
      for element in elements { append(try Element(element)) }
    case .table(let table) where table.isEmpty: break
    default: throw ConversionError(expected: "a list", found: value)
    }
  }
  package var value: Value { .array(map(\.value)) }
}

extension Optional: ValueConvertible where Wrapped: ValueConvertible {
  package static var luaType: String { Wrapped.luaType + "?" }
  package static var tellsSets: Bool { Wrapped.tellsSets }
  package static var completion: Completion { Wrapped.completion }
  package static var fields: [FieldInfo] { Wrapped.fields }
  package init(_ value: Value) throws(ConversionError) {
    if case .null = value { self = .none } else { self = .some(try Wrapped(value)) }
  }
  package var value: Value { map(\.value) ?? .null }
}

extension Duration: ValueConvertible {
  package static var luaType: String { "duration" }

  /// Reads seconds as a number, or text such as `"90s"`, `"1m30s"`, `"2h"`, `"250ms"`.
  package init(_ value: Value) throws(ConversionError) {
    let problem = ConversionError(expected: "a duration such as 30 or \"1m30s\"", found: value)
    switch value {
    case .int(let seconds) where seconds >= 0 && seconds < 1 << 40: self = .seconds(seconds)
    case .number(let seconds) where seconds >= 0 && seconds < 1e12: self = .seconds(seconds)
    case .string(let text):
      guard let duration = Duration(parsing: text) else { throw problem }
      self = duration
    default: throw problem
    }
  }

  package var value: Value { .number(seconds) }
}
