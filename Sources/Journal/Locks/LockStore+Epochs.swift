package import PrimitiveKit

extension LockStore {
  /// Locks scopes with an epoch of now, and forgets epochs of them that a wrong clock put far ahead.
  ///
  /// Hosts that obeyed those are told the new one next (`fence --reset`); then the lock is released. Throws `lock.reason`,
  /// `lock.refused` while anybody holds one of the scopes, and `journal.*`.
  package func resetEpochs(
    of scopes: [LockScope],
    claim: String,
    holder: LockHolder,
    reason: String
  ) async throws(CallFailure) -> LeaseGrant {
    try LockStore.require(reason, of: "lock.reset_epoch")
    var request = LockRequest(scopes: scopes, claim: claim, holder: holder, reason: reason)
    request.resetsEpochs = true
    switch try await acquire(request) {
    case .granted(let grant): return grant
    case .refused(let conflicts): throw conflicts.failure
    }
  }

  /// Those of these scopes that this journal never gave an epoch of, or not since it was restored, or whose hosts did not
  /// say before: what they obeyed has to be asked.
  ///
  /// Throws `journal.*`.
  package func unknown(of scopes: [LockScope]) async throws(CallFailure) -> [LockScope] {
    try await database.reading { (session) async throws(CallFailure) -> [LockScope] in
      let known = try await EpochTable(session: session).rows(of: scopes.map(\.description))
      let unasked = Set(try await EpochTable(session: session).unasked())
      let isUnsure = try await JournalMark.epochsUnsure.read(session) == "1"
      let restored = isUnsure ? try await JournalMark.restoredHead.read(session).flatMap { Int64($0) } ?? .max : 0
      return scopes.filter { scope in
        guard let row = known["\(scope)"], !unasked.contains("\(scope)") else { return true }
        return isUnsure && max(row.seq, row.belowSeq) <= restored
      }
    }
  }

  /// Takes down that these did not say what they obeyed before this journal: they are asked again, whatever it grants.
  ///
  /// Throws `journal.*`.
  package func leaveUnasked(_ scopes: [LockScope]) async throws(CallFailure) {
    let names = scopes.map(\.description).sorted()
    try await database.transaction { (session) async throws(CallFailure) -> Void in
      let table = EpochTable(session: session)
      let before = Set(try await table.unasked())
      if before.isSuperset(of: names) { return }
      try await write("lock.unasked", .table(["scopes": .array(names.map { .string($0) })]), session)
      try await table.setUnasked(before.union(names))
    }
  }

  /// Takes down what hosts obeyed before this journal knew them, so that its epochs begin above; answers what was too far
  /// ahead of the clock to be believed.
  ///
  /// `seen` are epochs by scope; `above` are the scopes that such a scope is part of. Throws `journal.*`.
  package func learn(_ seen: [LockScope: Int], above: [LockScope]) async throws(CallFailure) -> [LockScope] {
    try await database.transaction { (session) async throws(CallFailure) -> [LockScope] in
      let now = try await session.now()
      let silent = Set(try await EpochTable(session: session).unasked())
      try await EpochTable(session: session).setUnasked(silent.subtracting(seen.keys.map(\.description)), from: silent)
      let believed = seen.filter { !Epoch($0.value).isAbsurd(at: now) }
      guard !believed.isEmpty else { return Array(seen.keys) }
      let table = EpochTable(session: session)
      let newest = believed.values.max() ?? 0
      var told: [String: Int] = [:]
      for (scope, epoch) in believed { told["\(scope)"] = epoch }
      let parts = Set(told.keys)
      for scope in LockRules.complete(Array(believed.keys) + above) where !parts.contains("\(scope)") {
        told["\(scope)"] = newest
      }
      let known = try await table.rows(of: Array(told.keys))
      let count = try await table.count() + Int64(told.count - known.count)
      let record = try await write(
        "lock.learn",
        .table([
          "epochs": .table(told.mapValues { .int($0) }), "scopes": .array(parts.sorted().map { .string($0) }),
          "known": .int(Int(count)),
        ]),
        session
      )
      var rows = known
      for (scope, epoch) in told {
        let isOwn = parts.contains(scope)
        var row = rows[scope, default: EpochTable.Row()]
        if !isOwn || row.epoch < epoch { row.grant(epoch, isOwn: isOwn, seq: record) }
        rows[scope] = row
      }
      try await table.put(rows)
      return seen.keys.filter { believed[$0] == nil }
    }
  }
}
