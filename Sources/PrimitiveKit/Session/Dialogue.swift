/// What primitives say to the operator and hear from them.
///
/// The prompt, batch, `--json` and tests each have one; primitives never print.
package protocol Dialogue: Sendable {
  /// Whether a person can answer questions.
  var isInteractive: Bool { get }
  /// The widest line the display shows, in columns.
  var columns: Int { get }

  /// Shows lines of text that stay.
  func say(_ text: String)

  /// Shows lines that somebody should notice: a terminal rings.
  func alert(_ text: String)

  /// Replaces the live line of work under way; nil ends it.
  ///
  /// A terminal redraws one line; elsewhere it becomes plain lines at a bearable pace.
  func progress(_ status: ProgressStatus?)

  /// Shows lines in place of the lines before: a terminal clears its screen, elsewhere they are said one after the other.
  func screen(_ lines: [String])

  /// How many lines a screen may have.
  var rows: Int { get }

  /// Reports an event to machines (`--json`).
  func event(_ event: SessionEvent)

  /// Asks one question and waits for one line.
  ///
  /// Answers nil at the end of input. Throws `call.cancelled` on Ctrl-C and `prompt.not_interactive` without a person.
  func ask(_ question: String) async throws(CallFailure) -> String?

  /// Remembers a result whose primitive has already shown it, so that it is not printed a second time.
  func shown(_ result: Value)

  /// Remembers how batch should end and why; the worst note wins.
  func note(_ note: ExitNote)
}

extension Dialogue {
  /// Remembers how batch should end.
  package func note(_ code: ExitCode) { note(ExitNote(code)) }

  /// Remembers how a run ended: taken up again, it forgets that.
  package func note(_ note: ExitNote, of run: String) {
    var context = CallContext.current
    context.runID = run
    let given = context
    CallContext.$current.withValue(given) { self.note(note) }
  }

  package func alert(_ text: String) { say(text) }

  package func screen(_ lines: [String]) { say(lines.joined(separator: "\n")) }

  package var rows: Int { 24 }
}

/// The state of work under way, as the live line shows it.
package struct ProgressStatus: Sendable, Equatable {
  /// The line for a terminal.
  package var line: String
  /// The same for a log, without anything that assumes redrawing.
  package var plain: String
  /// Whether a log should get the plain line at once, whatever the pace.
  package var isMilestone: Bool

  package init(line: String, plain: String, isMilestone: Bool = false) {
    self.line = line
    self.plain = plain
    self.isMilestone = isMilestone
  }
}

/// One JSON Lines event: a name and fields.
package struct SessionEvent: Sendable, Equatable {
  /// A dotted name, for example `deploy.host`.
  package var name: String
  package var fields: [String: Value]

  package init(_ name: String, _ fields: [String: Value] = [:]) {
    self.name = name
    self.fields = fields
  }
}

/// What the command line decided for the whole process.
package struct SessionOptions: Sendable, Equatable {
  /// `--dry-run`: no primitive changes anything.
  package var isDryRun = false
  /// `--yes`: confirmations that the site allows are taken as given.
  package var assumesYes = false
  /// `--reason`: why, for confirmations that need one.
  package var reason: String?

  package init(isDryRun: Bool = false, assumesYes: Bool = false, reason: String? = nil) {
    self.isDryRun = isDryRun
    self.assumesYes = assumesYes
    self.reason = reason
  }
}
