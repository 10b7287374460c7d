import PrimitiveKit
import Synchronization

/// Texts of a `TextStore` on their way into the journal.
///
/// A text stays here until a transaction that wrote it is durable: after one that failed, the next writes it again.
final class UnsavedTexts: Sendable {
  private let store: TextStore
  private let state = Mutex(State())

  private struct State {
    var waiting: [String: String] = [:]
    /// The journal's newest pruning that this process knows of.
    var pruned: String?
  }

  init(_ store: TextStore) { self.store = store }

  /// What the transaction that runs now has to write.
  func pending() -> [String: String] {
    let new = store.takeUnsaved()
    return state.withLock { state in
      state.waiting.merge(new) { first, _ in first }
      return state.waiting
    }
  }

  /// Forgets texts that are durable.
  func saved(_ hashes: some Collection<String>) {
    if hashes.isEmpty { return }
    state.withLock { state in for hash in hashes { state.waiting[hash] = nil } }
  }

  /// Notes the journal's newest pruning: what it had before may be gone.
  func note(pruned: String) {
    let isNew = state.withLock { state in
      defer { state.pruned = pruned }
      return state.pruned != nil && state.pruned != pruned
    }
    if isNew { store.forgetKnown() }
  }
}
