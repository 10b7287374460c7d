package import PrimitiveKit

extension LockStore {
  /// Who holds what these scopes would need; takes nothing and writes nothing.
  ///
  /// Throws `journal.*`.
  package func conflicts(with scopes: [LockScope], except claim: String) async throws(CallFailure) -> [LockConflict] {
    let wanted = LockRules.complete(scopes)
    let leases = try await list()
    let now = try await database.reading { (session) async throws(CallFailure) -> Int64 in try await session.now() }
    return leases.filter { $0.claim != claim }.compactMap { lease in
      LockRules.clash(of: lease, with: wanted).map { LockConflict(lease, wanted: $0, now: now) }
    }
  }
}
