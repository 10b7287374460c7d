import PrimitiveKit

/// Finds the epoch of a grant, and refuses rows that the audit contradicts: a wrong epoch would poison every host it reaches.
struct EpochGrants {
  let store: LockStore
  let session: any DatabaseSession
  /// Milliseconds since 1970.
  let now: Int64

  private var table: EpochTable { EpochTable(session: session) }

  /// What a grant needs.
  struct Next {
    /// 0 for a lease of a run on itself alone.
    let epoch: Int
    /// How many scopes have an epoch from then on.
    let known: Int64
    let rows: [String: EpochTable.Row]
  }

  /// The first epoch behind all that were given on these scopes, and never behind the clock.
  ///
  /// `isReset` passes over those far ahead of the clock. Throws `journal.corrupt`.
  func next(for wanted: [LockScope], isReset: Bool) async throws(CallFailure) -> Next {
    let scopes = wanted.filter { !$0.isRun }
    let count = try await table.count()
    if scopes.isEmpty { return Next(epoch: 0, known: count, rows: [:]) }
    let rows = try await table.rows(of: scopes.map(\.description))
    if store.isChained { try await check(rows, count) }
    var last = Epoch(0)
    for scope in scopes {
      guard let row = rows["\(scope)"] else { continue }
      // Who locks all of it comes behind everybody below; who locks a part, behind those who locked all of it.
      for number in scope.isOwn ? [row.epoch, row.below] : [row.epoch] {
        if isReset, Epoch(number).isAbsurd(at: now) { continue }
        last = max(last, Epoch(number))
      }
    }
    let next = last.next(now: now, tag: store.tag)
    return Next(epoch: next.number, known: count + Int64(scopes.count - rows.count), rows: rows)
  }

  /// Writes the rows that follow from a grant, which the audit record at `seq` tells of.
  func keep(_ next: Next, of wanted: [LockScope], isReset: Bool, seq: Int64) async throws(CallFailure) {
    if next.epoch == 0 { return }
    var rows = next.rows
    for scope in wanted where !scope.isRun {
      var row = rows["\(scope)", default: EpochTable.Row()]
      if isReset {
        row.reset(next.epoch, isOwn: scope.isOwn, seq: seq, clock: now)
      } else {
        row.grant(next.epoch, isOwn: scope.isOwn, seq: seq)
      }
      rows["\(scope)"] = row
    }
    try await table.put(rows)
  }

  /// Throws `journal.corrupt` for a lease whose epoch is newer than what its scopes were given.
  func confirm(_ lease: Lease) async throws(CallFailure) {
    guard let scope = lease.ownScopes.first else { return }
    let given = try await table.rows(of: ["\(scope)"])["\(scope)"]?.epoch ?? 0
    if lease.epoch <= given { return }
    throw Journal.damaged(store.database.name, "the epoch of the lock on \(scope) was edited")
  }

  /// Compares rows with the records that tell of them, and their number with the newest record.
  private func check(_ rows: [String: EpochTable.Row], _ count: Int64) async throws(CallFailure) {
    let newest = try await session.query(
      "SELECT \(AuditRecord.columns) FROM audit WHERE \(EpochRecord.condition) ORDER BY seq DESC LIMIT 1",
      []
    )
    let known = try newest.first.flatMap { (row) throws(CallFailure) in try EpochGrants.record(row)?.known } ?? 0
    guard known == count else {
      throw damaged("\(count) scopes have an epoch, but the audit has \(known)")
    }
    let places = Set(rows.values.flatMap { [$0.seq, $0.belowSeq] }).subtracting([0]).sorted()
    var records: [Int64: EpochRecord] = [:]
    for start in stride(from: 0, to: places.count, by: 500) {
      let some = places[start..<min(start + 500, places.count)]
      let arguments = (1...some.count).map { "$\($0)" }.joined(separator: ", ")
      let found = try await session.query(
        "SELECT \(AuditRecord.columns) FROM audit WHERE seq IN (\(arguments))",
        some.map { .int($0) }
      )
      for row in found {
        if let record = try EpochGrants.record(row) { records[record.seq] = record }
      }
    }
    for (scope, row) in rows.sorted(by: { $0.key < $1.key }) {
      for (number, seq) in [(row.epoch, row.seq), (row.below, row.belowSeq)] where number != 0 || seq != 0 {
        if records[seq]?.gave(number, to: scope) == true { continue }
        throw damaged("the epoch \(number) of \(scope) differs from audit record \(seq)")
      }
    }
  }

  private func damaged(_ what: String) -> CallFailure { Journal.damaged(store.database.name, what) }

  // A record whose own hash does not fit tells of nothing.
  private static func record(_ row: [DatabaseValue]) throws(CallFailure) -> EpochRecord? {
    let record = try AuditRecord(row)
    return record.hash == record.expectedHash ? EpochRecord(record) : nil
  }
}
