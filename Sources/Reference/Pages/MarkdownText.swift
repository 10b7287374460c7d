/// Pieces of Markdown pages.
enum MarkdownText {
  /// A text for the cell of a table.
  static func cell(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ").replacing("|", with: "\\|")
  }

  /// A code for the cell of a table; empty for none.
  static func code(_ text: String) -> String { text.isEmpty ? "" : "`\(cell(text))`" }

  /// A text with the end of a sentence.
  static func sentence(_ text: String) -> String {
    [".", "…", "!", "?"].contains { text.hasSuffix($0) } ? text : text + "."
  }

  /// The anchor that GitHub gives a heading.
  static func anchor(_ heading: String) -> String {
    let kept = heading.lowercased().filter { $0.isLetter || $0.isNumber || "_- ".contains($0) }
    return String(kept.map { $0 == " " ? "-" : $0 })
  }

  /// The lines of a table; none without rows.
  static func table(_ head: [String], _ rows: [[String]]) -> [String] {
    guard !rows.isEmpty else { return [] }
    let line = { (cells: [String]) in "| \(cells.joined(separator: " | ")) |" }
    return [line(head), "|" + String(repeating: "---|", count: head.count)] + rows.map(line)
  }
}
