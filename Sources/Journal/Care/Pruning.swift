import Foundations
import PrimitiveKit

/// The statements of a pruning, in one transaction.
struct Pruning {
  let session: any DatabaseSession

  /// Runs that go in one transaction; their ids are in one audit record.
  static let batch = 200
  /// The audit event that says which runs are gone.
  static let event = "journal.prune"

  private static let tables = ["operations", "steps", "reads", "questions"]

  /// The runs that may go, the oldest first, and how many as old ones stay.
  func candidates(before: Int64) async throws(CallFailure) -> (gone: [String], kept: Int) {
    let states = RunState.allCases.filter(\.isOver).map { "'\($0.rawValue)'" }.joined(separator: ", ")
    let rows = try await session.query(
      """
      SELECT id, CASE WHEN state IN (\(states)) AND NOT EXISTS (
          SELECT 1 FROM operations o WHERE o.run = runs.id AND o.state IN ('open', 'unknown'))
        THEN 1 ELSE 0 END FROM runs WHERE COALESCE(ended_at, updated_at) < $1 ORDER BY begun
      """,
      [.int(before)]
    )
    let old = rows.compactMap { $0[0].text }
    var gone = Set(rows.filter { $0[1].int == 1 }.compactMap { $0[0].text })
    // A rollback and what it undoes, a fork and what it came from: they go together or stay.
    var links: [(run: String, parent: String)] = []
    let pairs = try await session.query(
      "SELECT r.id, r.parent FROM runs r WHERE r.parent IS NOT NULL AND EXISTS (SELECT 1 FROM runs p WHERE p.id = r.parent)",
      []
    )
    for row in pairs {
      if let run = row[0].text, let parent = row[1].text { links.append((run, parent)) }
    }
    var isSettled = false
    while !isSettled {
      let before = gone.count
      for (run, parent) in links where !gone.contains(run) || !gone.contains(parent) {
        gone.remove(parent)
        gone.remove(run)
      }
      isSettled = gone.count == before
    }
    return (old.filter(gone.contains), old.count - gone.count)
  }

  /// What belongs to runs.
  func count(_ runs: [String]) async throws(CallFailure) -> PruneReport {
    var report = PruneReport(runs: runs.count)
    for start in stride(from: 0, to: runs.count, by: Pruning.batch) {
      let batch = Array(runs[start..<min(start + Pruning.batch, runs.count)])
      let places = batch.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
      for table in Pruning.tables {
        let rows = try await session.query(
          "SELECT COUNT(*) FROM \(table) WHERE run IN (\(places))",
          batch.map { .text($0) }
        )
        report.add(Int(rows.first?.first?.int ?? 0), of: table)
      }
    }
    return report
  }

  /// Removes runs with their rows, those that still may go; the record comes first and keeps other writers away.
  func remove(_ runs: [String], before: Int64, _ change: JournalChange) async throws(CallFailure) -> PruneReport {
    let may = Set(try await candidates(before: before).gone)
    let runs = runs.filter(may.contains)
    if runs.isEmpty { return PruneReport() }
    let seq = try await change.audit(
      Pruning.event,
      run: nil,
      ["before": .int(before), "runs": .list(runs.map { .string($0) })]
    )
    let report = try await count(runs)
    let places = runs.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
    let values = runs.map { DatabaseValue.text($0) }
    for table in Pruning.tables { try await session.query("DELETE FROM \(table) WHERE run IN (\(places))", values) }
    try await session.query("DELETE FROM runs WHERE id IN (\(places))", values)
    try await mark(seq)
    return report
  }

  /// Removes the texts that nothing refers to; those of the last day stay: a process may be about to refer to them.
  func removeTexts(before: Int64, _ change: JournalChange) async throws(CallFailure) -> PruneReport {
    let found = try await unneededTexts(without: [], before: min(before, change.at - Pruning.day))
    if found.isEmpty { return PruneReport() }
    let seq = try await change.audit("journal.prune_texts", run: nil, ["texts": .int(Int64(found.count))])
    for (hash, _) in found { try await session.query("DELETE FROM texts WHERE hash = $1", [.text(hash)]) }
    try await mark(seq)
    return PruneReport(texts: found.count, bytes: found.reduce(0) { $0 + $1.bytes })
  }

  /// The texts that nothing would refer to if some runs were gone.
  func unneeded(without runs: Set<String>, before: Int64) async throws(CallFailure) -> PruneReport {
    let found = try await unneededTexts(without: runs, before: min(before, try await session.now() - Pruning.day))
    return PruneReport(texts: found.count, bytes: found.reduce(0) { $0 + $1.bytes })
  }

  private static let day: Int64 = 24 * 3_600_000

  private func unneededTexts(
    without runs: Set<String>,
    before: Int64
  ) async throws(CallFailure) -> [(hash: String, bytes: Int)] {
    var texts: [String: Int] = [:]
    let rows = try await session.query(
      """
      SELECT t.hash, CAST(length(t.content) AS BIGINT) FROM texts t
      WHERE NOT EXISTS (SELECT 1 FROM audit a WHERE a.seq = t.seq AND a.at >= $1)
      """,
      [.int(before)]
    )
    for row in rows { if let hash = row[0].text { texts[hash] = Int(row[1].int ?? 0) } }
    for source in ["operations(run, content, inverse, outcome)", "reads(run, content)", "runs(id, runbook_sha256)"] {
      if texts.isEmpty { break }
      try await withdraw(&texts, what: source, without: runs)
    }
    return texts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Takes out of `texts` what the rows of a table refer to, run by run.
  private func withdraw(
    _ texts: inout [String: Int],
    what source: String,
    without runs: Set<String>
  ) async throws(CallFailure) {
    let parts = source.dropLast().split(separator: "(", maxSplits: 1).map(String.init)
    let run = String(parts[1].prefix { $0 != "," })
    var last = ""
    while true {
      // A run's rows are read at once: they were held at once when it ran.
      let ids = try await session.query(
        "SELECT DISTINCT \(run) FROM \(parts[0]) WHERE \(run) > $1 ORDER BY \(run) LIMIT 100",
        [.text(last)]
      ).compactMap { $0.first?.text }
      for id in ids where !runs.contains(id) {
        var hashes: Set<String> = []
        for row in try await session.query("SELECT \(parts[1]) FROM \(parts[0]) WHERE \(run) = $1", [.text(id)]) {
          TextReferences.collect(Array(row.dropFirst()), &hashes)
        }
        for hash in hashes { texts[hash] = nil }
      }
      guard let newest = ids.last, ids.count == 100 else { return }
      last = newest
    }
  }

  // Other processes write the texts that they still use again.
  private func mark(_ seq: Int64) async throws(CallFailure) {
    try await session.query(
      "INSERT INTO meta(name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      [.text(PruneMark.name), .text("\(seq)")]
    )
  }
}

extension PruneReport {
  fileprivate mutating func add(_ count: Int, of table: String) {
    switch table {
    case "operations": operations += count
    case "steps": steps += count
    case "reads": reads += count
    default: questions += count
    }
  }
}

/// The runs that pruning removed, as audit records tell them.
struct RecordedPrunings {
  private(set) var runs: Set<String> = []

  /// Looks at the next record.
  mutating func take(_ record: AuditRecord) {
    guard record.event == Pruning.event else { return }
    let list = AuditFields(record.body).json("runs") ?? ""
    let names: [String]? = try? OperationCoding().decode([String].self, from: list)
    runs.formUnion(names ?? [])
  }
}
