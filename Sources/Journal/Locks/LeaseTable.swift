import PrimitiveKit

/// The rows of the tables `leases` and `epochs`.
struct LeaseTable {
  let session: any DatabaseSession

  static let columns = "scope, claim, mode, holder, run, reason, sticky, epoch, acquired_at, expires_at"

  /// Every lease, by claim.
  func all() async throws(CallFailure) -> [Lease] {
    let rows = try await session.query("SELECT \(Self.columns) FROM leases ORDER BY claim, scope", [])
    var leases: [[LeaseRow]] = []
    for row in rows.map(LeaseRow.init) {
      if leases.last?.last?.claim == row.claim {
        leases[leases.count - 1].append(row)
      } else {
        leases.append([row])
      }
    }
    return leases.compactMap(LeaseRow.lease)
  }

  /// Writes a lease in place of what its claim had.
  func put(_ lease: Lease) async throws(CallFailure) {
    try await remove(lease.claim)
    let holder = try OperationCoding().encode(lease.holder)
    // A hundred rows of ten columns stay below every limit of arguments.
    for start in stride(from: 0, to: lease.scopes.count, by: 100) {
      let scopes = lease.scopes[start..<min(start + 100, lease.scopes.count)]
      var arguments: [DatabaseValue] = []
      var places: [String] = []
      for scope in scopes {
        places.append("(" + (1...10).map { "$\(arguments.count + $0)" }.joined(separator: ", ") + ")")
        arguments += [
          .text("\(scope)"), .text(lease.claim), .text(scope.mode.rawValue), .text(holder),
          lease.run.map(DatabaseValue.text) ?? .null, .text(lease.reason), .int(lease.isSticky ? 1 : 0),
          .int(Int64(lease.epoch)), .int(lease.acquiredAt), .int(lease.expiresAt),
        ]
      }
      try await session.query(
        "INSERT INTO leases (\(Self.columns)) VALUES \(places.joined(separator: ", "))",
        arguments
      )
    }
  }

  func remove(_ claim: String) async throws(CallFailure) {
    try await session.query("DELETE FROM leases WHERE claim = $1", [.text(claim)])
  }

  /// Moves the end of a live lease; false when there is no such lease any more.
  func extend(_ claim: String, epoch: Int, to end: Int64, now: Int64) async throws(CallFailure) -> Bool {
    let rows = try await session.query(
      "UPDATE leases SET expires_at = $1 WHERE claim = $2 AND epoch = $3 AND (sticky = 1 OR expires_at > $4) RETURNING scope",
      [.int(end), .text(claim), .int(Int64(epoch)), .int(now)]
    )
    return !rows.isEmpty
  }

  /// The next epoch: one counter for all scopes, so that hosts can compare any two.
  ///
  /// It is never below the seconds since 1970 of the database's clock: to hosts that obeyed an earlier journal, a new one
  /// is newer. Where that clock stands or goes back, it still grows by one.
  func nextEpoch(now: Int64) async throws(CallFailure) -> Int {
    let rows = try await session.query(
      """
      UPDATE epochs SET epoch = CASE WHEN epoch >= $1 THEN epoch + 1 ELSE $1 END
      WHERE id = 1 RETURNING epoch
      """,
      [.int(now / 1000)]
    )
    guard let epoch = rows.first?.first?.int else {
      throw CallFailure(
        .journal,
        .damaged,
        code: "journal.corrupt",
        message: "the journal has lost the counter of lock epochs",
        hint: "restore it from a backup: a lower epoch would be refused by every host"
      )
    }
    return Int(epoch)
  }
}
