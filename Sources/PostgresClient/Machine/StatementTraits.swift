/// What the machine has to know of a statement.
struct StatementTraits: Sendable, Equatable {
  /// Whether it opens a transaction: lost, it has done nothing.
  var begins = false
  /// Whether it may commit the transaction it runs in, so that a lost answer leaves its effect open.
  var mayCommit = false
  /// Rows after which the reader is asked; nil reads to the end.
  var batch: Int?

  init(begins: Bool = false, mayCommit: Bool = false, batch: Int? = nil) {
    self.begins = begins
    self.mayCommit = mayCommit
    self.batch = batch
  }

  /// Judges the first word of each statement; one that hides behind a comment counts as a commit, which is the careful side.
  init(of text: String, batch: Int? = nil) {
    let firsts = text.split(separator: ";").compactMap { statement in
      statement.lowercased().split { !$0.isLetter && $0 != "-" && $0 != "/" }.first
    }
    begins = firsts.first == "begin" || firsts.first == "start"
    mayCommit = firsts.contains { word in
      ["commit", "end", "prepare"].contains(word) || word.hasPrefix("-") || word.hasPrefix("/")
    }
    self.batch = batch
  }
}
