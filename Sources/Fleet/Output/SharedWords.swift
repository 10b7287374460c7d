extension String {
  /// How messages begin that are about one host or bot, and what is left of that without its name.
  private static let openings = [
    ("", ""), ("the connection to ", "the connection "), ("the host key of ", "the host key "), ("no bot ", "no bot "),
  ]

  /// The message without the name that it begins with, so that the messages of many read the same.
  ///
  /// A name is also part of other words, and a word of its own in what somebody wrote: only its beginning is looked at.
  func beginning(without name: String) -> String {
    for (opening, rest) in String.openings where hasPrefix("\(opening)\(name) ") {
      return rest + dropFirst(opening.count + name.count + 1)
    }
    return self
  }

  /// The message without the first of these that is in it as a whole: `at 10.0.0.1` is not part of `at 10.0.0.12`.
  func without(_ phrases: [String]) -> String {
    for phrase in phrases {
      for range in ranges(of: phrase) {
        let rest = self[range.upperBound...]
        let next = rest.first == "." || rest.first == ":" || rest.first == "-" ? rest.dropFirst().first : rest.first
        guard next.map({ !$0.isLetter && !$0.isNumber }) ?? true else { continue }
        return self[..<range.lowerBound] + String(rest)
      }
    }
    return self
  }
}
