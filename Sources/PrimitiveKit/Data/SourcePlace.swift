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
