import PrimitiveKit

extension LockStore {
  /// The locks of a journal: every grant, refusal and end is a record of its audit chain.
  ///
  /// `isGone` says that a holder's process has provably ended.
  package init(
    _ journal: Journal,
    isGone: @escaping @Sendable (LockHolder) -> Bool = { ProcessTable.isGone($0) }
  ) {
    self.init(
      journal.database,
      tag: Epoch.tag(ofJournal: journal.id),
      isChained: true,
      audit: { (event, run, body, session) async throws(CallFailure) in
        try await journal.audit(event, run: run, body: body, in: session)
      },
      isGone: isGone
    )
  }
}
