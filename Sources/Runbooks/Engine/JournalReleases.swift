import Journal
package import PrimitiveKit

/// The marks of bad releases in a journal that is opened only where there is one.
package struct JournalReleases: ReleaseMarks {
  private let registry: RegistryOpener
  private let hasJournal: @Sendable () -> Bool

  package init(registry: RegistryOpener, hasJournal: @escaping @Sendable () -> Bool) {
    self.registry = registry
    self.hasJournal = hasJournal
  }

  package func bad(_ digest: String) async throws(CallFailure) -> String? {
    guard hasJournal() else { return nil }
    return try await registry.open().journal.badReleases().first { $0.digest == digest }?.reason
  }
}
