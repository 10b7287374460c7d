/// Lays candidates out for the terminal.
struct CandidateList {
  /// More are counted, not shown: a list taller than the screen scrolls the work away.
  static let limit = 200
  /// Up to this many stand one a line with their summaries.
  static let summarized = 16

  let candidates: [Candidate]

  /// The lines to print, each at most `columns` wide.
  func lines(columns: Int) -> [String] {
    let shown = candidates.prefix(Self.limit).map { Candidate($0.text.printable, summary: $0.summary.printable) }
    let withSummaries = candidates.count <= Self.summarized && shown.contains { !$0.summary.isEmpty }
    var lines = withSummaries ? described(shown, columns) : table(shown.map(\.text), columns)
    if candidates.count > shown.count { lines.append("… and \(candidates.count - shown.count) more") }
    return lines
  }

  private func described(_ shown: [Candidate], _ columns: Int) -> [String] {
    let width = shown.map { $0.text.count }.max() ?? 0
    return shown.map { candidate in
      let padding = String(repeating: " ", count: width - candidate.text.count + 2)
      let line = candidate.summary.isEmpty ? candidate.text : candidate.text + padding + candidate.summary
      return line.count < columns ? line : String(line.prefix(max(columns - 2, 1))) + "…"
    }
  }

  private func table(_ names: [String], _ columns: Int) -> [String] {
    let width = (names.map(\.count).max() ?? 0) + 2
    let across = max(1, (columns + 1) / max(width, 1))
    let rows = (names.count + across - 1) / across
    return (0..<rows).map { row in
      let cells = stride(from: row, to: names.count, by: rows).map { names[$0] }
      let padded = cells.dropLast().map { $0 + String(repeating: " ", count: width - $0.count) }
      return padded.joined() + (cells.last ?? "")
    }
  }
}

extension String {
  /// The text without control characters, which could move the cursor or change the terminal.
  var printable: String {
    String(String.UnicodeScalarView(unicodeScalars.filter { $0.properties.generalCategory != .control }))
  }
}
