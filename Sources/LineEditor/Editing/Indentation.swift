/// How far a new line of Lua is indented.
///
/// Strings and comments are skipped on their own line only: a wrong guess costs a space, never the meaning.
enum Indentation {
  static let step = 2

  /// Starts a new line at the cursor, and moves a closing word on the line that ends there outward.
  static func breakLine(_ entry: Entry) -> Entry {
    var entry = entry
    let lines = entry.textBeforeCursor.split(separator: "\n", omittingEmptySubsequences: false)
    let depth = lines.dropLast().reduce(0) { max(0, $0 + change(in: $1)) }
    let line = lines.last ?? ""
    let content = line.drop { $0 == " " || $0 == "\t" }

    if !content.isEmpty, lines.count > 1 {
      let wanted = max(0, depth + (beginsWithCloser(content) ? -1 : 0)) * step
      if beginsWithCloser(content), line.count - content.count > wanted {
        let start = entry.lineStart
        let end = entry.cursor
        entry.replace(start..<end, with: String(repeating: " ", count: wanted) + content)
      }
    }
    let next = max(0, depth + change(in: line))
    entry.insert("\n" + String(repeating: " ", count: next * step))
    return entry
  }

  private static let openers: Set<Substring> = ["do", "then", "repeat", "function", "{", "(", "["]
  private static let closers: Set<Substring> = ["end", "until", "}", ")", "]"]

  private static func beginsWithCloser(_ content: Substring) -> Bool {
    guard let first = tokens(content).first else { return false }
    return closers.contains(first) || first == "else" || first == "elseif"
  }

  /// The blocks a line opens minus those it closes.
  ///
  /// `else` keeps the block open; `elseif` closes the one that its own `then` opens again.
  static func change(in line: Substring) -> Int {
    tokens(line).reduce(0) { depth, token in
      if openers.contains(token) { return depth + 1 }
      if closers.contains(token) || token == "elseif" { return depth - 1 }
      return depth
    }
  }

  /// The words and brackets of a line, without strings and comments.
  private static func tokens(_ line: Substring) -> [Substring] {
    var found: [Substring] = []
    var rest = line
    while let first = rest.first {
      if first.isLetter || first == "_" {
        let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        found.append(word)
        rest = rest.dropFirst(word.count)
      } else if first == "\"" || first == "'" {
        rest = afterString(rest.dropFirst(), quote: first)
      } else if rest.hasPrefix("--") {
        break
      } else {
        if "{}()[]".contains(first) { found.append(rest.prefix(1)) }
        rest = rest.dropFirst()
      }
    }
    return found
  }

  private static func afterString(_ text: Substring, quote: Character) -> Substring {
    var rest = text
    while let character = rest.popFirst(), character != quote {
      if character == "\\" { rest = rest.dropFirst() }
    }
    return rest
  }
}
