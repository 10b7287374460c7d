/// A sub-command of the program, declared as a primitive is: help, options, completion and nearest names come from it.
package struct Subcommand: Sendable {
  package let name: String
  /// What it does: a verb in the third person, no full stop.
  package let summary: String
  /// The words after the name as help shows them, for example `RUN [--with-new]`; empty for none.
  package let words: String
  /// How many words may follow.
  package let count: ClosedRange<Int>
  /// The long names of the program's options that it takes beside those of everything.
  package let options: [String]
  /// How it ends, beside 64 for a wrong command line and 70 for a defect.
  package let exits: String
  /// What is typed for its dry run, where it has none itself; nil where `--dry-run` works.
  package let insteadOfDryRun: String?
  /// Does it; answers what is shown.
  package let body: @Sendable ([String], Surroundings) async throws(CallFailure) -> [Value]

  package init(
    _ name: String,
    _ summary: String,
    words: String = "",
    count: ClosedRange<Int> = 0...0,
    options: [String] = [],
    exits: String = "0 ok",
    insteadOfDryRun: String? = nil,
    body: @escaping @Sendable ([String], Surroundings) async throws(CallFailure) -> [Value]
  ) {
    self.name = name
    self.summary = summary
    self.words = words
    self.count = count
    self.options = options
    self.exits = exits
    self.insteadOfDryRun = insteadOfDryRun
    self.body = body
  }

  /// How it is called.
  package var usage: String { words.isEmpty ? "opsh \(name)" : "opsh \(name) \(words)" }
}
