import Synchronization

/// Remembers the worst of the exit codes that were noted.
package final class NotedExit: Sendable {
  private let code = Mutex(ExitCode.ok)
  /// Whether the session is told at once; else whoever collects tells it in the end.
  package let passesOn: Bool

  package init(passesOn: Bool = true) { self.passesOn = passesOn }

  package func note(_ noted: ExitCode) { code.withLock { if noted.isWorse(than: $0) { $0 = noted } } }

  package var worst: ExitCode { code.withLock { $0 } }
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
