import Synchronization

/// Remembers what calls noted of themselves; the worst decides.
///
/// The last outcome of each call counts: one that is made again with the same arguments, and a run that is resumed, forgets
/// what it noted before, so a script that retries to success ends well.
package final class NotedExit: Sendable {
  private struct Entry: Equatable {
    let note: ExitNote
    /// Which call noted it; nil outside of calls.
    let call: String?
    /// The id of the run that it is about; nil for none.
    let run: String?
  }

  private let entries = Mutex<[Entry]>([])
  /// Whether the session is told at once; else whoever collects tells it in the end.
  package let passesOn: Bool

  package init(passesOn: Bool = true) { self.passesOn = passesOn }

  /// Remembers a note of the present call.
  package func note(_ note: ExitNote) {
    guard note.code != .ok else { return }
    let entry = Entry(note: note, call: CallContext.current.call, run: CallContext.current.runID)
    entries.withLock { if !$0.contains(entry) { $0.append(entry) } }
  }

  package func note(_ code: ExitCode) { note(ExitNote(code)) }

  /// Forgets what a call noted when it was made before.
  package func forget(call: String) { entries.withLock { $0.removeAll { $0.call == call } } }

  /// Forgets what was noted of a run that is taken up again.
  package func forget(run: String) { entries.withLock { $0.removeAll { $0.run == run } } }

  package var worst: ExitCode { sum.code }

  /// All of it in one: the worst code, and up to three reasons.
  package var sum: ExitNote {
    let notes = entries.withLock { $0.map(\.note) }
    var code = ExitCode.ok
    var reasons: [String] = []
    for note in notes {
      if note.code.isWorse(than: code) { code = note.code }
      if let why = note.why, !reasons.contains(why) { reasons.append(why) }
    }
    let words = reasons.prefix(3) + (reasons.count > 3 ? ["and \(reasons.count - 3) more"] : [])
    return ExitNote(
      code,
      why: words.isEmpty ? nil : words.joined(separator: "; "),
      isTotal: !notes.isEmpty && notes.allSatisfy(\.isTotal)
    )
  }
}

extension ExitCode {
  // From what needs no attention to what needs a person at once.
  private static let bySeverity: [ExitCode] = [
    .ok, .planInexact, .failuresWithinBudget, .cancelled, .lockRefused, .usage, .dataInvalid, .rolledBack,
    .unreachableBudget, .budgetBreached, .interrupted, .rollbackFailed, .unknownOutcomes, .internalError,
  ]

  /// Whether it needs a person sooner.
  package func isWorse(than other: ExitCode) -> Bool {
    (ExitCode.bySeverity.firstIndex(of: self) ?? 0) > (ExitCode.bySeverity.firstIndex(of: other) ?? 0)
  }
}
