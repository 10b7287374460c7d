import CLuaBridge
import Synchronization

/// The runs that have begun and not ended.
final class ActiveRuns: Sendable {
  private let handles = Mutex<[ObjectIdentifier: RunHandle]>([:])

  func insert(_ handle: RunHandle) { handles.withLock { $0[ObjectIdentifier(handle)] = handle } }

  func remove(_ handle: RunHandle) { _ = handles.withLock { $0.removeValue(forKey: ObjectIdentifier(handle)) } }

  var isEmpty: Bool { handles.withLock { $0.isEmpty } }

  func cancel() {
    for handle in handles.withLock({ Array($0.values) }) { handle.request(OPSH_CANCELLED) }
  }
}
