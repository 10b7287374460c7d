/// A place in a text file.
package struct SourcePlace: Sendable, Equatable, Codable, CustomStringConvertible {
  package let file: String
  /// Counted from 1.
  package let line: Int
  /// Counted in bytes from 1.
  package let column: Int

  package init(file: String, line: Int, column: Int = 1) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// `file:line`, as Lua says it.
  package var description: String { "\(file):\(line)" }
}

/// Names fields of a Lua table as they would be written in Lua: `hosts[3].address`.
package enum LuaFieldPath {
  /// The path of a field of the table at `path`; the empty path is the whole table.
  package static func child(of path: String, _ key: String) -> String {
    let isName = key.unicodeScalars.allSatisfy {
      $0 == "_" || ($0.isASCII && $0.properties.isAlphabetic) || ("0"..."9").contains($0)
    }
    guard isName, let first = key.first, !first.isNumber else { return "\(path)[\(Value.string(key).literal)]" }
    return path.isEmpty ? key : "\(path).\(key)"
  }
}
