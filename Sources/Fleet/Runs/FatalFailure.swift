import PrimitiveKit
import Synchronization

/// Remembers the first failure that is no host's own and after which a call must stop: of the journal, of the lock,
/// or of a run that was stopped.
final class FatalFailure: Sendable {
  private let first = Mutex<CallFailure?>(nil)

  /// Looks at what a host's work ended with.
  func note(_ failure: CallFailure, in run: Run) async {
    guard await run.mustEnd(with: failure) else { return }
    first.withLock { if $0 == nil { $0 = failure } }
  }

  /// Throws the failure, if there was one.
  func check() throws(CallFailure) {
    if let failure = first.withLock({ $0 }) { throw failure }
  }
}
