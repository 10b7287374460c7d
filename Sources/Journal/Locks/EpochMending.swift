import Foundations
import PrimitiveKit

/// Puts right the epochs of a journal whose damage was accepted: without that its locks stay refused for good.
///
/// What it writes is an audit record of its own, so it is compared like any other. Hosts are asked for what they obeyed
/// before the next grant, since the records that told of it may be the ones that are gone.
struct EpochMending {
  let change: JournalChange

  private var table: EpochTable { EpochTable(session: change.session) }

  /// Rewrites the rows that the audit contradicts; throws `journal.*`.
  func mend() async throws(CallFailure) {
    let present = try await table.all()
    let (told, known) = try await told()
    if present == told, known == Int64(present.count) { return }
    var (own, below): ([String: Int], [String: Int]) = ([:], [:])
    for scope in Set(present.keys).union(told.keys) {
      own[scope] = newest(told[scope]?.epoch, present[scope]?.epoch)
      let newestBelow = newest(told[scope]?.below, present[scope]?.below)
      if newestBelow > 0 { below[scope] = newestBelow }
    }
    let seq = try await change.audit(
      "lock.learn",
      run: nil,
      [
        "epochs": json(own), "below": json(below), "anew": .int(1),
        "scopes": .list(own.keys.sorted().map { .string($0) }), "known": .int(Int64(own.count)),
      ]
    )
    try await change.query("DELETE FROM scope_epochs", [])
    try await table.put(EpochTable.Row.made(own: own, below: below, seq: seq))
    try await JournalMark.epochsUnsure.set("1", in: change.session)
    try await JournalMark.restoredHead.set("\(seq)", in: change.session)
  }

  /// The greater, so that no host is asked to obey less; a number far ahead of the clock in a row counts for nothing.
  private func newest(_ told: Int?, _ present: Int?) -> Int {
    let believed = present.map { Epoch($0).isAbsurd(at: change.at) ? 0 : $0 } ?? 0
    return max(told ?? 0, believed)
  }

  /// The rows as the records tell them whose own hash fits, and how many there are by the newest of them.
  private func told() async throws(CallFailure) -> (rows: [String: EpochTable.Row], known: Int64) {
    let records = try await change.query(
      "SELECT \(AuditRecord.columns) FROM audit WHERE \(EpochRecord.condition) ORDER BY seq",
      []
    )
    var (rows, known): ([String: EpochTable.Row], Int64) = ([:], 0)
    for row in records {
      guard let record = try? AuditRecord(row), record.hash == record.expectedHash, let told = EpochRecord(record)
      else {
        continue
      }
      told.apply(to: &rows)
      known = told.known ?? known
    }
    return (rows, known)
  }

  private func json(_ epochs: [String: Int]) -> JSONText { .object(epochs.mapValues { .int(Int64($0)) }) }
}

extension EpochTable.Row {
  /// Rows of which one record tells everything.
  static func made(own: [String: Int], below: [String: Int], seq: Int64) -> [String: EpochTable.Row] {
    own.reduce(into: [:]) { rows, entry in
      let less = below[entry.key] ?? 0
      rows[entry.key] = EpochTable.Row(
        epoch: entry.value,
        seq: entry.value > 0 ? seq : 0,
        below: less,
        belowSeq: less > 0 ? seq : 0
      )
    }
  }
}
