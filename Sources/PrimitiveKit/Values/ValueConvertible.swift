/// Explains why a Lua value could not become a Swift value.
package struct ConversionError: Error, Equatable {
  package var expected: String
  package var found: String
  package var hint: String?

  package init(expected: String, found: Value, hint: String? = nil) {
    self.expected = expected
    switch found {
    case .string(let text) where text.utf8.count <= 40: self.found = Value.string(text).literal
    case .int, .number, .bool: self.found = found.literal
    default: self.found = found.typeName
    }
    self.hint = hint
  }
}

/// A type that converts to and from a `Value`, and knows how Lua documentation names it.
package protocol ValueConvertible: Sendable {
  /// The LuaLS annotation, for example `string` or `fleet.Host[]`.
  static var luaType: String { get }
  /// Where completion takes candidates for an argument of this type from.
  static var completion: Completion { get }
  /// The fields of a record, in printing order; empty for everything else.
  static var fields: [FieldInfo] { get }
  /// Whether it is told a set from a text; else it gets the text of a set.
  static var tellsSets: Bool { get }
  init(_ value: Value) throws(ConversionError)
  var value: Value { get }
}

extension ValueConvertible {
  package static var completion: Completion { .none }
  package static var fields: [FieldInfo] { [] }
  package static var tellsSets: Bool { false }
}

extension Value: ValueConvertible {
  package static var luaType: String { "any" }
  package init(_ value: Value) { self = value }
  package var value: Value { self }
}
