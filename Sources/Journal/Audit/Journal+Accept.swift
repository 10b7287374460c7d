import Foundations
package import PrimitiveKit

extension Journal {
  /// Keeps using this journal despite what `verify` finds; answers what was found.
  ///
  /// The decision is an audit record and part of every later report, and what was found is not found again. Throws
  /// `call.argument` for a blank reason, `audit.intact` when there is nothing to accept, `audit.ruined` for too much of it, and
  /// `journal.*`.
  package func accept(reason: String) async throws(CallFailure) -> AuditReport {
    try GivenReason.require(reason, of: "audit accept", advice: "say what happened to it with --reason")
    if let refusal, refusal.mark != .damaged { throw refusal }
    let report = try await verify()
    guard !report.isIntact || refusal != nil else {
      throw CallFailure(
        .refused,
        code: "audit.intact",
        message: "\(database.name) is intact; there is nothing to accept"
      )
    }
    let anchors = anchorFile?.lines()
    let head = try await database.transaction { (session) throws(CallFailure) -> AuditRecord? in
      try await mendHead(session, (anchors ?? []).compactMap { $0 }.filter { $0.journal == id })
      let change = try await JournalChange(session, journal: self, isMending: true)
      // With this record behind the break, what is found reads as it will from now on.
      try await change.audit("audit.mend", run: nil, ["reason": .string(reason)])
      try await EpochMending(change: change).mend()
      let problems = try await inspect(session, anchors, nil, isAccepting: true).problems
      if problems.count > Journal.acceptedProblems { throw Journal.ruined(database.name, problems.count) }
      try await change.audit(Acceptance.event, run: nil, Acceptance.fields(problems, reason: reason))
      try await DamageMark.remove(in: session)
      return change.head
    }
    // Where there are anchors an acceptance counts once it is one of them.
    if let head { try await writeAnchor(head) }
    return report
  }

  private static let acceptedProblems = 1000

  /// Puts the head behind everything that anybody knows of, so that no place is used twice; `own` are the anchors of this
  /// journal.
  func mendHead(_ session: any DatabaseSession, _ own: [AnchorLine]) async throws(CallFailure) {
    let last = try await session.query("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", []).first
    let head = try await session.query("SELECT seq FROM audit_head WHERE id = 1", []).first?.first?.int ?? 0
    let newest = own.map(\.seq).max() ?? 0
    var places = [last?.first?.int ?? 0, head, newest]
    for table in ["runs", "steps", "operations", "questions"] {
      places.append(try await session.query("SELECT MAX(begun) FROM \(table)", []).first?.first?.int ?? 0)
    }
    try await session.query(
      """
      INSERT INTO audit_head(id, seq, hash) VALUES (1, $1, $2)
      ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash
      """,
      [.int(places.max() ?? 0), .text(last?.last?.text ?? "")]
    )
    guard let anchorFile else { return }
    try await session.query(
      "UPDATE anchors SET seq = $2, lines = $3 WHERE sink = $1",
      [.text(anchorFile.sink(host: identity.host)), .int(newest), .int(Int64(own.count))]
    )
  }

  private static func ruined(_ name: String, _ count: Int) -> CallFailure {
    CallFailure(
      .refused,
      code: "audit.ruined",
      message: "the journal \(name) has \(count.counted("problem")), too many to accept",
      hint: "restore a backup with `opsh journal restore BACKUP`; save what can be read with `opsh audit export`"
    )
  }
}
