import PrimitiveKit

/// Finds texts that rows refer to and that are gone: without them a run can be neither resumed nor rolled back.
struct MissingTexts {
  /// A row that lacks one.
  struct Finding {
    /// Of the record that the row was begun with.
    let seq: Int64
    let run: String
    let words: String
  }

  let session: any DatabaseSession

  /// At most 20, operations first, in the order of their runs.
  func find() async throws(CallFailure) -> [Finding] {
    let have = Set(try await session.query("SELECT hash FROM texts", []).compactMap { $0.first?.text })
    var missing = try await ofOperations(have)
    let runbooks = try await session.query(
      "SELECT id, runbook_name, runbook_sha256, begun FROM runs WHERE runbook_sha256 IS NOT NULL ORDER BY begun",
      []
    )
    for row in runbooks where missing.count < MissingTexts.most {
      guard let hash = row[2].text, hash.utf8.count == 64, !have.contains(hash) else { continue }
      let (run, name) = (row[0].text ?? "?", row[1].text ?? "the runbook")
      let words = "the text \(hash.prefix(12)) of \(name) is missing; run \(run) needs it"
      missing.append(Finding(seq: row[3].int ?? 0, run: run, words: words))
    }
    return missing
  }

  private func ofOperations(_ have: Set<String>) async throws(CallFailure) -> [Finding] {
    var missing: [Finding] = []
    var (run, key) = ("", "")
    while missing.count < MissingTexts.most {
      let rows = try await session.query(
        "SELECT run, key, content, begun FROM operations WHERE (run, key) > ($1, $2) ORDER BY run, key LIMIT 200",
        [.text(run), .text(key)]
      )
      for row in rows {
        (run, key) = (row[0].text ?? "", row[1].text ?? "")
        for hash in TextReferences.interned(in: row[2].text ?? "") where !have.contains(hash) {
          let words = "the text \(hash.prefix(12)) of operation '\(key)' of run \(run) is missing"
          missing.append(Finding(seq: row[3].int ?? 0, run: run, words: words))
        }
      }
      if rows.count < 200 { break }
    }
    return missing
  }

  private static let most = 20
}
