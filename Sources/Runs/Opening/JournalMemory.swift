import Journal
package import PrimitiveKit

/// What checks keep from one time to the next, in the journal.
package struct JournalMemory: CheckMemory {
  private let registry: RegistryOpener
  private let hasJournal: @Sendable () -> Bool

  /// `hasJournal` says whether there is one already: to look, none is made.
  package init(registry: RegistryOpener, hasJournal: @escaping @Sendable () -> Bool) {
    self.registry = registry
    self.hasJournal = hasJournal
  }

  package func samples(of check: String) async throws(CallFailure) -> [CheckSample] {
    guard hasJournal() else { return [] }
    return try await registry.open().journal.samples(of: check)
  }

  package func keep(_ samples: [CheckSample]) async throws(CallFailure) {
    try await registry.open().journal.keep(samples)
  }
}
