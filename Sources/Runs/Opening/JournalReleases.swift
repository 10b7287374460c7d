import Journal
package import PrimitiveKit
import Synchronization

/// The marks of bad releases in a journal that is opened only where there is one.
package struct JournalReleases: ReleaseMarks {
  private let registry: RegistryOpener
  private let hasJournal: @Sendable () -> Bool
  private let opened = Opened()

  private final class Opened: Sendable {
    let journal = Mutex<Journal?>(nil)
  }

  package init(registry: RegistryOpener, hasJournal: @escaping @Sendable () -> Bool) {
    self.registry = registry
    self.hasJournal = hasJournal
  }

  package func bad(_ digest: String) async throws(CallFailure) -> String? {
    guard hasJournal() else { return nil }
    let journal = try await registry.open().journal
    opened.journal.withLock { $0 = journal }
    return try await journal.badReleases().first { $0.digest == digest }?.reason
  }

  package var edition: Int { opened.journal.withLock { $0?.releaseEdition.value ?? 0 } }
}
