import PrimitiveKit
import Synchronization

/// Remembers the first failure that is no host's own and after which a call must stop: of the journal, of the lock,
/// or of a run that was stopped.
final class FatalFailure: Sendable {
  private let first = Mutex<CallFailure?>(nil)
  private let local = Mutex<CallFailure?>(nil)

  /// The first fault of this machine: nothing more is begun, and neither a host nor a release is to blame.
  var fault: CallFailure? { local.withLock { $0 } }

  /// Remembers a fault of this machine.
  func note(fault: CallFailure) { local.withLock { $0 = $0 ?? fault } }

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
