import PrimitiveKit
import Synchronization

/// Remembers that a file turned out to be damaged, so that nothing more is written to it.
final class SQLiteDamage: Sendable {
  private let first = Mutex<CallFailure?>(nil)

  /// Looks at a failure of a statement.
  func note(_ failure: CallFailure) {
    guard failure.code == "journal.corrupt" else { return }
    first.withLock { $0 = $0 ?? failure }
  }

  /// Throws the damage that was found.
  func refuse() throws(CallFailure) {
    if let failure = first.withLock({ $0 }) { throw failure }
  }
}
