import JournalSQLite
import PrimitiveKit

@testable import Journal

extension JournalScratch {
  /// A journal with a run of 4 operations that ended: 10 records and an anchor.
  func filled() async throws -> Journal {
    let journal = try await journal()
    try await journal.beginDeploy("r1")
    for words in ["a", "b", "c", "d"] { try await journal.perform(words, in: "r1") }
    try await journal.update("r1", state: .ok, reason: nil, exitCode: 0)
    return journal
  }

  /// Rewrites the chain as somebody would who knows how it is made: new hashes throughout, and a head that fits.
  func forge(_ change: @Sendable ([AuditRecord]) -> [AuditRecord]) async throws {
    let database = try await database()
    try await database.transaction { (session) throws(CallFailure) in
      var records: [AuditRecord] = []
      for row in try await session.query("SELECT \(AuditRecord.columns) FROM audit ORDER BY seq", []) {
        records.append(try AuditRecord(row))
      }
      try await session.query("DELETE FROM audit", [])
      var previous = ""
      var seq: Int64 = 0
      for record in change(records) {
        seq += 1
        let run = record.run ?? ""
        let hash = AuditChain.hash(
          previous: previous,
          seq: seq,
          at: record.at,
          run: run,
          event: record.event,
          body: record.body
        )
        try await session.query(
          "INSERT INTO audit VALUES ($1, $2, $3, $4, $5, $6, $7)",
          [
            .int(seq), .int(record.at), .text(run), .text(record.event), .text(record.body), .text(previous),
            .text(hash),
          ]
        )
        previous = hash
      }
      try await session.query("UPDATE audit_head SET seq = $1, hash = $2", [.int(seq), .text(previous)])
    }
    await database.close()
  }
}

extension AuditRecord {
  func with(body: String) -> AuditRecord {
    AuditRecord(seq: seq, at: at, run: run, event: event, body: body, previous: previous, hash: hash)
  }
}

extension AuditReport {
  /// The problems as `kind seq`.
  var found: [String] { problems.map { "\($0.kind.rawValue) \($0.seq)" } }
}
