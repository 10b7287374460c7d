/// How far a new line of Lua is indented.
///
/// A line that begins inside a string keeps every space it has: a wrong guess must never change the meaning.
enum Indentation {
  static let step = 2

  /// Starts a new line at the cursor, one step deeper when a block is open on the line that ends there.
  static func breakLine(_ entry: Entry) -> Entry {
    var entry = closeLine(entry)
    guard !OpenString.isOpen(atEndOf: entry.textBeforeCursor) else {
      entry.insert("\n")
      return entry
    }
    let (before, line) = lines(entry)
    let words = tokens(line)
    let closing = leadingClosers(words)
    var change = change(in: words.dropFirst(closing))
    if words.first == "else" { change += 1 }
    var indent = indentation(of: line)
    if change > 0 { indent += step }
    if change < 0 { indent = openerIndentation(before, closing: -change) }
    entry.insert("\n" + String(repeating: " ", count: indent))
    return entry
  }

  /// Moves a line that begins with a closing word out to the line that opened its block.
  static func closeLine(_ entry: Entry) -> Entry {
    let (before, line) = lines(entry)
    let closing = leadingClosers(tokens(line))
    let indent = indentation(of: line)
    guard closing > 0, !before.isEmpty else { return entry }
    let excess = indent - openerIndentation(before, closing: closing)
    guard excess > 0, !OpenString.isOpen(atEndOf: before.joined(separator: "\n") + "\n") else { return entry }
    var closed = entry
    closed.scalars.removeSubrange(entry.lineStart..<entry.lineStart + excess)
    closed.cursor -= excess
    return closed
  }

  private static func lines(_ entry: Entry) -> (before: [Substring], current: Substring) {
    var lines = entry.textBeforeCursor.split(separator: "\n", omittingEmptySubsequences: false)
    let current = lines.popLast() ?? ""
    return (lines, current)
  }

  private static func indentation(of line: Substring) -> Int { line.prefix { $0 == " " }.count }

  /// The indentation of the nearest line that opened as many blocks as are closed.
  private static func openerIndentation(_ lines: [Substring], closing: Int) -> Int {
    var open = closing
    for line in lines.reversed() {
      open -= change(in: tokens(line)[...])
      if open <= 0 { return indentation(of: line) }
    }
    return 0
  }

  /// How many words at the start close a block; `else` and `elseif` close the branch before them.
  private static func leadingClosers(_ words: [Substring]) -> Int {
    if words.first == "else" || words.first == "elseif" { return 1 }
    return words.prefix { closers.contains($0) }.count
  }

  private static let openers: Set<Substring> = ["do", "then", "repeat", "function", "{", "(", "["]
  private static let closers: Set<Substring> = ["end", "until", "}", ")", "]"]

  /// The blocks that words open minus those they close.
  ///
  /// `else` keeps the block open; `elseif` closes the one that its own `then` opens again.
  private static func change(in words: ArraySlice<Substring>) -> Int {
    words.reduce(0) { depth, word in
      if openers.contains(word) { return depth + 1 }
      if closers.contains(word) || word == "elseif" { return depth - 1 }
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
