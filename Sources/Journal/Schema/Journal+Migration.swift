import Foundations
import PrimitiveKit

extension Journal {
  /// Brings the journal of an older opsh to this one's schema, in one transaction with an audit record.
  ///
  /// Answers what to tell the operator; nil when another process was first. Throws `journal.in_use` while a run of an older
  /// opsh continues, and `journal.older_schema` when nothing can be written.
  func migrate() async throws(CallFailure) -> String? {
    let found: Int?
    do throws(CallFailure) {
      found = try await database.transaction { (session) throws(CallFailure) -> Int? in
        guard let found = try await Schema.marks(session)?.version, found < Schema.version else { return nil }
        try await refuseWhileUsed(session, schema: found)
        try await Schema.migrate(session, from: found)
        let epoch = try await lastEpoch(session) * Epoch.second
        let change = try await JournalChange(session, journal: self)
        let seq = try await change.audit(
          Journal.migration,
          run: nil,
          [
            "from": .int(Int64(found)), "to": .int(Int64(Schema.version)), "epoch": .int(Int64(epoch)),
            "scopes": .list([.string("fleet")]), "known": .int(epoch > 0 ? 1 : 0),
          ]
        )
        if epoch > 0 {
          try await EpochTable(session: session).put(["fleet": EpochTable.Row(epoch: epoch, seq: seq)])
        }
        anchorTurn.wrote(seq)
        return found
      }
    } catch {
      guard error.mark != .inUse else { throw error }
      throw CallFailure(
        .journal,
        code: "journal.older_schema",
        message: "the journal \(database.name) was made by an older opsh and could not be migrated: \(error.message)",
        hint: error.hint
      )
    }
    return found.map { found in
      "migrated from schema \(found) to \(Schema.version); an older opsh can read it but no longer write to it"
    }
  }

  /// The event of a migration.
  static let migration = "journal.migrate"

  /// The last epoch of schema 1, in seconds: of its newest grant, which the audit covers, not of a row that it did not.
  private func lastEpoch(_ session: any DatabaseSession) async throws(CallFailure) -> Int {
    let rows = try await session.query(
      "SELECT body FROM audit WHERE event IN ('lock.grant', 'lock.take') ORDER BY seq DESC LIMIT 1",
      []
    )
    let epoch = AuditFields(rows.first?.first?.text ?? "").value("epoch")?.int ?? 0
    return min(max(0, Int(epoch)), (1 << 46) - 1)
  }

  /// An older opsh knows neither the new epochs nor the new leases, so its runs end first.
  private func refuseWhileUsed(_ session: any DatabaseSession, schema: Int) async throws(CallFailure) {
    let rows = try await session.query(
      "SELECT holder, run FROM leases WHERE sticky = 0 AND expires_at > $1 ORDER BY run",
      [.int(try await session.now())]
    )
    for row in rows {
      let holder: LockHolder? = try? OperationCoding().decode(LockHolder.self, from: row[0].text ?? "")
      if let holder, ProcessTable.isGone(holder) { continue }
      throw CallFailure(
        .journal,
        .inUse,
        code: "journal.in_use",
        message: "run \(row[1].text ?? "?") of \((holder ?? .unreadable).name) uses the journal \(database.name) with "
          + "an older opsh (schema \(schema))",
        hint: "wait until it ends, or stop it; this opsh then migrates the journal to schema \(Schema.version)"
      )
    }
  }
}
