/// Text broken into lines between words.
package enum WrappedText {
  /// The columns that help is written for: the width every terminal has.
  package static let columns = 80

  /// Lines of at most that many columns; a longer word gets a line of its own.
  package static func lines(_ text: String, within limit: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, DisplayWidth.of(line) + 1 + DisplayWidth.of(String(word)) > limit {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return lines + (line.isEmpty ? [] : [line])
  }

  /// The text with every line wider than that broken between words, the rest of it two columns deeper.
  ///
  /// A terminal would break inside a name or the id of a run. What stands in backquotes, a command to copy, stays whole
  /// where it fits into one line.
  package static func folded(_ text: String, within limit: Int) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { DisplayWidth.of(String($0)) <= limit ? String($0) : fold(String($0), limit) }.joined(separator: "\n")
  }

  private static func fold(_ text: String, _ limit: Int) -> String {
    let indent = text.prefix { $0 == " " }.count
    let margin = String(repeating: " ", count: min(indent + 2, limit / 2))
    var lines: [String] = []
    var line = String(repeating: " ", count: indent)
    for (gap, word) in words(of: text.dropFirst(indent), limit - margin.count) {
      let isFirst = line.allSatisfy { $0 == " " }
      if !isFirst, DisplayWidth.of(line) + gap + DisplayWidth.of(word) > limit {
        lines.append(line)
        line = margin + word
      } else {
        line += (isFirst ? "" : String(repeating: " ", count: gap)) + word
      }
    }
    return (lines + [line]).joined(separator: "\n")
  }

  /// The words with the number of blanks before each; what stands in backquotes is one word if it is no wider than `room`.
  private static func words(of text: Substring, _ room: Int) -> [(gap: Int, word: String)] {
    var words: [(gap: Int, word: String)] = []
    var rest = text
    while true {
      let gap = rest.prefix { $0 == " " }.count
      rest = rest.dropFirst(gap)
      guard !rest.isEmpty else { return words }
      var word = rest.prefix { $0 != " " }
      if word.count(where: { $0 == "`" }) == 1, let close = rest[word.endIndex...].firstIndex(of: "`") {
        let whole = rest[..<(rest[close...].firstIndex(of: " ") ?? rest.endIndex)]
        if DisplayWidth.of(String(whole)) <= room { word = whole }
      }
      words.append((gap, String(word)))
      rest = rest[word.endIndex...]
    }
  }
}
