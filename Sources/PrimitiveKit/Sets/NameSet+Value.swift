extension NameSet: ValueConvertible {
  package static var luaType: String { "string|string[]" }
  package static var completion: Completion { .selectors }

  /// Reads a set text, or a list of them, without a site.
  package init(_ value: Value) throws(ConversionError) {
    let texts: [Value] =
      switch value {
      case .array(let values): values
      case .table(let table) where table.isEmpty: []
      default: [value]
      }
    self.init()
    for text in texts {
      guard case .string(let string) = text else {
        throw ConversionError(expected: "a set such as \"bot[1-9]\"", found: text)
      }
      do throws(NameSetError) {
        self = union(try NameSet(parsing: string))
      } catch {
        throw ConversionError(expected: "a set (\(error.message))", found: text, hint: error.hint)
      }
    }
  }

  /// The folded text.
  package var value: Value { .string(folded) }
}
