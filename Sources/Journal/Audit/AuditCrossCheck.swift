import PrimitiveKit

/// Compares the audit chain with what else the database says: its head, and rows that were written with a record.
struct AuditCrossCheck {
  let session: any DatabaseSession

  private static let rows = [
    (table: "runs", event: "run.begin", run: "id"), (table: "steps", event: "step.begin", run: "run"),
    (table: "operations", event: "operation.intend", run: "run"),
    (table: "questions", event: "question.ask", run: "run"),
  ]

  /// Adds problems to the verifier; what cannot be read is one.
  func check(_ verifier: inout AuditVerifier) async {
    do throws(CallFailure) {
      try await checkHead(&verifier)
      try await checkRows(&verifier)
      try await checkTexts(&verifier)
    } catch {
      verifier.add(.unreadable, verifier.lastSeq, nil, error.message)
    }
  }

  private func checkHead(_ verifier: inout AuditVerifier) async throws(CallFailure) {
    let rows = try await session.query("SELECT seq, hash FROM audit_head WHERE id = 1", [])
    let last = verifier.lastSeq
    guard let seq = rows.first?.first?.int else {
      verifier.add(.edited, last, nil, "the head of the audit chain was removed")
      return
    }
    if seq > last {
      let run = try await run(beyond: last)
      let places = seq == last + 1 ? "record \(seq)" : "records \(last + 1) to \(seq)"
      verifier.add(.truncated, last + 1, run, "the end of the audit chain was removed: \(places)")
    } else if seq < last {
      verifier.add(
        .edited,
        last,
        nil,
        "the head of the audit chain was edited: it names record \(seq), but there are \(last)"
      )
    } else if rows[0][1].text != verifier.lastHash {
      verifier.add(.edited, last, nil, "the newest audit record, number \(last), or the head of the chain was edited")
    }
  }

  // Whoever rewrites the whole chain has to rewrite these as well.
  private func checkRows(_ verifier: inout AuditVerifier) async throws(CallFailure) {
    for (table, event, run) in AuditCrossCheck.rows {
      let rows = try await session.query(
        """
        SELECT t.\(run), t.begun, a.seq FROM \(table) t LEFT JOIN audit a ON a.seq = t.begun
        WHERE a.seq IS NULL OR a.event <> $1 OR a.run <> t.\(run) ORDER BY t.begun LIMIT 20
        """,
        [.text(event)]
      )
      for row in rows {
        let seq = row[1].int ?? 0
        let what = row[2].int == nil ? "is missing" : "has changed"
        let kind = seq > verifier.lastSeq ? AuditProblem.Kind.truncated : row[2].int == nil ? .removed : .edited
        let message = "the \(event) record number \(seq) of run \(row[0].text ?? "?") \(what)"
        verifier.add(kind, seq, row[0].text, message)
      }
    }
  }

  private func checkTexts(_ verifier: inout AuditVerifier) async throws(CallFailure) {
    for row in try await session.query("SELECT hash, seq FROM texts ORDER BY seq", []) {
      let hash = row[0].text ?? ""
      let text = try await session.query("SELECT content FROM texts WHERE hash = $1", [.text(hash)]).first?.first?.text
      if let text, SHA256(hashing: text.utf8).hex == hash { continue }
      verifier.add(.edited, row[1].int ?? 0, nil, "the text \(hash.prefix(12)) that operations refer to was edited")
    }
  }

  private func run(beyond seq: Int64) async throws(CallFailure) -> String? {
    for (table, _, run) in AuditCrossCheck.rows {
      let rows = try await session.query(
        "SELECT \(run) FROM \(table) WHERE begun > $1 ORDER BY begun LIMIT 1",
        [.int(seq)]
      )
      if let run = rows.first?.first?.text { return run }
    }
    return nil
  }
}
