package import PrimitiveKit
import Synchronization

/// Remembers how batch should end: the worst of what was noted.
package final class ExitNotes: Sendable {
  private let worstSoFar = Mutex(ExitCode.ok)

  package init() {}

  package func note(_ code: ExitCode) {
    worstSoFar.withLock { if Self.severity(of: code) > Self.severity(of: $0) { $0 = code } }
  }

  package var worst: ExitCode { worstSoFar.withLock { $0 } }

  // From what needs no attention to what needs a person at once.
  private static let order: [ExitCode] = [
    .ok, .planInexact, .failuresWithinBudget, .cancelled, .lockRefused, .usage, .dataInvalid, .rolledBack,
    .unreachableBudget, .budgetBreached, .interrupted, .unknownOutcomes, .rollbackFailed, .internalError,
  ]

  private static func severity(of code: ExitCode) -> Int { order.firstIndex(of: code) ?? order.count }
}
