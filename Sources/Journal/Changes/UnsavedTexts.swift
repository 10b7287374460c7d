import PrimitiveKit
import Synchronization

/// Texts of a `TextStore` on their way into the journal.
///
/// A text stays here until a transaction that wrote it is durable: after one that failed, the next writes it again.
final class UnsavedTexts: Sendable {
  private let store: TextStore
  private let waiting = Mutex<[String: String]>([:])
  private let lastSeq = Mutex<Int64>(-1)

  init(_ store: TextStore) { self.store = store }

  /// What the transaction that runs now has to write.
  func pending() -> [String: String] {
    let new = store.takeUnsaved()
    return waiting.withLock { waiting in
      waiting.merge(new) { first, _ in first }
      return waiting
    }
  }

  /// Forgets texts that are durable.
  func saved(_ hashes: some Collection<String>) {
    if hashes.isEmpty { return }
    waiting.withLock { waiting in for hash in hashes { waiting[hash] = nil } }
  }

  /// Adds the journal's texts that are not known yet to the store.
  func load(_ session: any DatabaseSession) async throws(CallFailure) {
    let last = lastSeq.withLock { $0 }
    let rows = try await session.query("SELECT hash, seq, content FROM texts WHERE seq > $1", [.int(last)])
    var texts: [String: String] = [:]
    var newest = last
    for row in rows {
      if let hash = row[0].text, let content = row[2].text { texts[hash] = content }
      newest = max(newest, row[1].int ?? newest)
    }
    store.add(texts)
    lastSeq.withLock { $0 = max($0, newest) }
  }
}
