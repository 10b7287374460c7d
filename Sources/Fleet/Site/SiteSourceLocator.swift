/// Finds the line of a field in the Lua text of a site, for error messages.
///
/// Follows the table constructors of the returned table, as written. A field that code computes has no line of its
/// own; it gets the line of the nearest field around it, at last line 1.
package struct SiteSourceLocator: Sendable {
  package let file: String
  private let lines: [String: Int]

  package init(file: String, source: String) {
    self.file = file
    var scanner = LuaTableScanner(source)
    lines = scanner.scan()
  }

  /// Where a field stands, given its path as in `SiteError.path`.
  package func callAsFunction(_ path: String) -> SiteError.Location? {
    var path = Substring(path)
    while !path.isEmpty {
      if let line = lines[String(path)] { return SiteError.Location(file: file, line: line) }
      path = path[..<(path.lastIndex { $0 == "." || $0 == "[" } ?? path.startIndex)]
    }
    return SiteError.Location(file: file, line: 1)
  }
}
