package import PrimitiveKit

/// What a journal is and where it stands: the few numbers that its care needs.
package struct JournalStanding: Sendable, Equatable {
  /// Names the journal among all.
  package var id: String
  package var schema: Int
  /// The place and the hash of the newest audit record; 0 and empty without one.
  package var head: Int64
  package var hash: String
  /// Of the newest audit record, in milliseconds since 1970; nil without one.
  package var at: Int64?
  /// How many audit records there are: fewer than `head` where some were lost and that was accepted.
  package var records: Int
  package var runs: Int
  package var texts: Int
  /// Where it was moved to; nil while it is in use here.
  package var movedTo: String?
  /// Who holds locks, works on runs or has it open now, one line each.
  package var users: [String] = []
  /// The locks taken by hand, by claim, for example `the lock of anna on host/web1`.
  package var locks: [String: String] = [:]

  /// Reads it; nil for a database without a journal.
  ///
  /// `identity` is who looks: the processes of its own machine are known to be alive or gone. Throws `journal.*`.
  package static func of(
    _ database: any Database,
    seenFrom identity: ProcessIdentity
  ) async throws(CallFailure) -> JournalStanding? {
    guard let meta = try await JournalTables(of: database)["meta"], meta.columns == ["name", "value"] else {
      return nil
    }
    let marks = try await database.reading { (session) throws(CallFailure) in try await Schema.marks(session) }
    guard let marks else { return nil }
    return try await database.reading { (session) throws(CallFailure) in
      try await JournalStanding(session, marks, seenFrom: identity)
    }
  }

  private init(
    _ session: any DatabaseSession,
    _ marks: (id: String, version: Int),
    seenFrom identity: ProcessIdentity
  ) async throws(CallFailure) {
    id = marks.id
    schema = marks.version
    let newest = try await session.query("SELECT seq, hash, at FROM audit ORDER BY seq DESC LIMIT 1", []).first
    head = newest?[0].int ?? 0
    hash = newest?[1].text ?? ""
    at = newest?[2].int
    records = Int(try await session.query("SELECT COUNT(*) FROM audit", []).first?.first?.int ?? 0)
    runs = Int(try await session.query("SELECT COUNT(*) FROM runs", []).first?.first?.int ?? 0)
    texts = Int(try await session.query("SELECT COUNT(*) FROM texts", []).first?.first?.int ?? 0)
    movedTo = try await MoveMark.read(session)
    let liveness = try await RunLiveness(session, seenFrom: identity)
    for row in try await session.query("SELECT \(RunHeader.columns) FROM runs WHERE state = 'running'", []) {
      let run = try RunHeader(row)
      guard liveness.isLive(run) else { continue }
      users.append("run \(run.id) (\(run.name)) of \(run.identity.operatorName) on \(run.identity.host)")
    }
    for lease in try await LeaseTable(session: session).all() where lease.isSticky {
      users.append("the lock of \(lease.holder.name)")
      let scopes = lease.ownScopes.map(\.description).joined(separator: ", ")
      locks[lease.claim] = "the lock of \(lease.holder.operatorName) on \(scopes)"
    }
  }

  /// Whether the other one continues this one, as far as its chain tells.
  package func isBeginning(of other: JournalStanding, _ database: any Database) async throws(CallFailure) -> Bool {
    guard id == other.id, head <= other.head else { return false }
    if head == 0 { return true }
    let rows = try await database.reading { (session) throws(CallFailure) in
      try await session.query("SELECT hash FROM audit WHERE seq = $1", [.int(head)])
    }
    return rows.first?.first?.text == hash
  }
}
