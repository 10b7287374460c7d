/// The candidates for the word at the cursor.
package struct Completion: Sendable, Equatable {
  /// Where the word begins that a candidate replaces, as an offset into the UTF-8 text.
  package var replacementStart: Int
  /// What may stand there, in the order it is shown.
  package var candidates: [Candidate]

  /// Makes a completion.
  package init(replacementStart: Int, candidates: [Candidate] = []) {
    self.replacementStart = replacementStart
    self.candidates = candidates
  }

  /// The longest text that every candidate begins with.
  var commonPrefix: String {
    guard var prefix = candidates.first.map({ Array($0.text.unicodeScalars) }) else { return "" }
    for candidate in candidates.dropFirst() {
      let same = zip(prefix, candidate.text.unicodeScalars).prefix { $0 == $1 }.count
      prefix.removeSubrange(same...)
    }
    return String(String.UnicodeScalarView(prefix))
  }
}

/// One text that may stand at the cursor.
package struct Candidate: Sendable, Equatable {
  /// What is inserted.
  package var text: String
  /// A few words about it, shown beside it when the list is short; may be empty.
  package var summary: String

  /// Makes a candidate.
  package init(_ text: String, summary: String = "") {
    self.text = text
    self.summary = summary
  }
}
