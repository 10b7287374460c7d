import Foundations
package import PrimitiveKit

/// A lease in the way of a request.
package struct LockConflict: Sendable, Equatable {
  package let lease: Lease
  /// The first thing wanted that it excludes.
  package let wanted: LockScope
  /// How long it has been held.
  package let age: Duration
  /// Until it ends without renewal; nil for a sticky one.
  package let remaining: Duration?

  init(_ lease: Lease, wanted: LockScope, now: Int64) {
    self.lease = lease
    self.wanted = wanted
    age = .milliseconds(max(0, now - lease.acquiredAt))
    remaining = lease.isSticky ? nil : .milliseconds(max(0, lease.expiresAt - now))
  }

  /// Whether the lease is on the very thing that is wanted.
  fileprivate var isOfWanted: Bool { lease.ownScopes.contains { $0.path == wanted.path } }

  /// Who holds what, since when and why, in one sentence without a full stop.
  ///
  /// Of a lease on the very thing that is wanted only that is named.
  package var text: String {
    let same = lease.ownScopes.filter { $0.path == wanted.path }
    let scopes = same.isEmpty ? lease.ownScopes : same
    let names = scopes.prefix(3).map { $0.mode == .shared ? "\($0) (shared)" : "\($0)" }.joined(separator: ", ")
    let more = scopes.count > 3 ? " and \(scopes.count - 3) more" : ""
    let why = [lease.run.map { "run \($0)" }, lease.reason.isEmpty ? nil : lease.reason].compactMap { $0 }
    let end = remaining.map { "ends in \($0.brief) unless renewed" } ?? "taken by hand"
    return "\(names)\(more) \(scopes.count > 1 ? "are" : "is") locked by \(lease.holder.name) for \(age.brief)"
      + (why.isEmpty ? "" : " (\(why.joined(separator: ": ")))") + ", \(end)"
  }
}

extension [LockConflict] {
  /// The failure of a request that these conflicts refuse: `lock.refused`.
  package var failure: CallFailure {
    let texts = prefix(3).map(\.text).joined(separator: "; ")
    let more = count > 3 ? "; and \(count - 3) more" : ""
    // Who holds the very thing that is wanted says all of it.
    let isPlain = first?.isOfWanted ?? false
    let what = isPlain ? "" : "\(first.map { "\($0.wanted)" } ?? "it") cannot be locked: "
    return CallFailure(.refused, code: "lock.refused", message: "\(what)\(texts)\(more)", hint: hint)
  }

  private var hint: String {
    if let sticky = first(where: \.lease.isSticky)?.lease, let scope = sticky.ownScopes.first {
      let name = sticky.holder.operatorName
      return "ask \(name) to release it: lock.release{ scope = \"\(scope)\" }"
    }
    return "see who holds what with `locks()`; wait, or ask the holder to stop"
  }
}

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
