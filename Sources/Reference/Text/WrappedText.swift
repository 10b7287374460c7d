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
}
