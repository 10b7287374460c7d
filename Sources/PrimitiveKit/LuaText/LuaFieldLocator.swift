/// Finds the line of a field in the Lua text of a table, for error messages.
///
/// Follows the table constructors of the returned table, as written. A field that code computes has no line of its
/// own; it gets the line of the nearest field around it, at last line 1.
package struct LuaFieldLocator: Sendable {
  package let file: String
  private let places: [String: SourcePlace]

  package init(file: String, source: String) {
    self.file = file
    var scanner = LuaTableScanner(source)
    places = scanner.scan().mapValues { SourcePlace(file: file, line: $0.line, column: $0.column) }
  }

  /// Where a field stands, given its path as it would be written in Lua: `hosts[3].address`.
  package func callAsFunction(_ path: String) -> SourcePlace {
    var path = Substring(path)
    while !path.isEmpty {
      if let place = places[String(path)] { return place }
      path = path[..<(path.lastIndex { $0 == "." || $0 == "[" } ?? path.startIndex)]
    }
    return SourcePlace(file: file, line: 1)
  }
}
