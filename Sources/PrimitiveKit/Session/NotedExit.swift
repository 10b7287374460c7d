import Synchronization

/// Remembers what calls noted of themselves; the worst decides.
///
/// The last outcome of each call counts: one that is made again with the same arguments and returns, and a run that is
/// resumed and ends, replaces what it noted before, so a script that retries to success succeeds. What is refused the
/// second time leaves the first as it was.
package final class NotedExit: Sendable {
  private struct Entry: Equatable {
    let note: ExitNote
    /// Which call noted it; nil outside of calls.
    let call: String?
    /// The id of the run that it is about; nil for none.
    let run: String?
    /// Its place among all notes, from 1; noted once more it is the last.
    var number = 0

    func isSame(as other: Entry) -> Bool { note == other.note && call == other.call && run == other.run }
  }

  private struct State {
    var entries: [Entry] = []
    /// How many were noted.
    var count = 0
  }

  private let state = Mutex(State())
  /// Whether the session is told at once; else whoever collects tells it in the end.
  package let passesOn: Bool

  package init(passesOn: Bool = true) { self.passesOn = passesOn }

  /// Remembers a note of the present call.
  package func note(_ note: ExitNote) {
    guard note != .ok else { return }
    let entry = Entry(note: note, call: CallContext.current.call, run: CallContext.current.runID)
    state.withLock { state in
      state.count += 1
      let index = state.entries.firstIndex { $0.isSame(as: entry) } ?? state.entries.endIndex
      if index == state.entries.endIndex { state.entries.append(entry) }
      state.entries[index].number = state.count
    }
  }

  package func note(_ code: ExitCode) { note(ExitNote(code)) }

  /// How many notes there were so far: what is noted from now on is newer.
  package var count: Int { state.withLock { $0.count } }

  /// Forgets what a call noted before its last time, when there were `count` notes.
  package func forget(call: String, before count: Int) {
    state.withLock { $0.entries.removeAll { $0.call == call && $0.number <= count } }
  }

  /// Carries a run on, and forgets what was noted of it before once that ended: by returning, or with a note of its own.
  package func renewing<Answer>(
    _ run: String,
    _ body: () async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    let before = count
    do throws(CallFailure) {
      let answer = try await body()
      forget(run: run, before: before)
      return answer
    } catch {
      let isEnded = state.withLock { $0.entries.contains { $0.run == run && $0.number > before } }
      if isEnded { forget(run: run, before: before) }
      throw error
    }
  }

  private func forget(run: String, before count: Int) {
    state.withLock { $0.entries.removeAll { $0.run == run && $0.number <= count } }
  }

  package var worst: ExitCode { sum.code }

  /// All of it in one: the worst code, and up to three reasons.
  package var sum: ExitNote {
    let notes = state.withLock { $0.entries.map(\.note) }
    var code = ExitCode.ok
    var reasons: [String] = []
    for note in notes.filter({ $0.code != .ok }) + notes.filter({ $0.code == .ok }) {
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
