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
  ///
  /// With a limit in columns the last column is wrapped between words and stays a column.
  package func lines(indent: Int = 0, within limit: Int? = nil) -> [String] {
    let widths = widths
    let margin = String(repeating: " ", count: indent)
    guard let limit else { return rows.map { line($0, widths, margin) } }
    let start = indent + widths.dropLast().reduce(0) { $0 + $1 + 2 }
    // Narrower than this, wrapped text is harder to read than a long line.
    guard limit - start >= 20 else { return rows.map { line($0, widths, margin) } }
    return rows.flatMap { row in
      guard row.count == widths.count, let last = row.last else { return [line(row, widths, margin)] }
      let pieces = WrappedText.lines(last, within: limit - start)
      let first = line(row.dropLast() + [pieces.first ?? ""], widths, margin)
      return [first] + pieces.dropFirst().map { String(repeating: " ", count: start) + $0 }
    }
  }

  private func line(_ row: [String], _ widths: [Int], _ margin: String) -> String {
    var line = margin
    for (index, cell) in row.enumerated() {
      let padding = String(repeating: " ", count: max(0, widths[index] - DisplayWidth.of(cell)))
      let alignment = index < alignments.count ? alignments[index] : .left
      line += (index > 0 ? "  " : "") + (alignment == .right ? padding + cell : cell + padding)
    }
    while line.last == " " { line.removeLast() }
    return line
  }
}
