import Synchronization

/// Carries the wish to leave from a primitive to whoever runs the session.
package final class SessionControl: Sendable {
  private let wished = Mutex<Int32?>(nil)

  package init() {}

  /// The exit status that `exit` asked for; nil while nobody wants to leave.
  package var exitStatus: Int32? { wished.withLock { $0 } }

  func leave(_ status: Int32) { wished.withLock { $0 = status } }
}
