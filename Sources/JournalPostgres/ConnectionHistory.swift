import Synchronization

/// Whether the server was ever reached: a wrong address is said at once, a restart of the server is waited for.
final class ConnectionHistory: Sendable {
  private let flag = Atomic(false)

  var hasConnected: Bool {
    get { flag.load(ordering: .acquiring) }
    set { flag.store(newValue, ordering: .releasing) }
  }
}
