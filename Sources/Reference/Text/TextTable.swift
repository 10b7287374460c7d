/// Rows of text in aligned columns.
package struct TextTable {
  /// Which side of its column a cell stands on.
  package enum Alignment: Sendable { case left, right }

  private let alignments: [Alignment]
  private var rows: [[String]] = []

  /// Starts a table; columns without an alignment of their own are left-aligned.
  package init(alignments: [Alignment] = []) { self.alignments = alignments }

  package mutating func add(_ cells: [String]) { rows.append(cells) }

  /// The width of each column: its widest cell.
  package var widths: [Int] {
    var widths: [Int] = []
    for row in rows {
      for (index, cell) in row.enumerated() {
        let width = DisplayWidth.of(cell)
        if index < widths.count { widths[index] = max(widths[index], width) } else { widths.append(width) }
      }
    }
    return widths
  }

  /// The lines, two blanks between columns and none at the end of a line.
  package func lines(indent: Int = 0) -> [String] {
    let widths = widths
    let margin = String(repeating: " ", count: indent)
    return rows.map { row in
      var line = margin
      for (index, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[index] - DisplayWidth.of(cell))
        let alignment = index < alignments.count ? alignments[index] : .left
        line += (index > 0 ? "  " : "") + (alignment == .right ? padding + cell : cell + padding)
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
