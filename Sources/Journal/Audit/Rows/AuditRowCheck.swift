import PrimitiveKit

/// Compares the rows that a resumed run trusts with what audit records say of them.
///
/// Goes from run to run in pages, so a long journal needs no more memory than its longest run.
struct AuditRowCheck {
  let session: any DatabaseSession
  private(set) var problems: [AuditProblem] = []
  private var batch: [String: RecordedRun] = [:]

  private let pruned: Set<String>
  private let batchSize: Int
  private let page: Int
  // Whoever changed more than this changed everything.
  private static let limit = 1000

  /// The rows of runs that were `pruned` are not missed.
  ///
  /// `batchSize` is how many records are read before the rows of their runs are, `page` how many at once.
  init(session: any DatabaseSession, pruned: Set<String> = [], batchSize: Int = 4000, page: Int = 500) {
    self.session = session
    self.pruned = pruned
    self.batchSize = batchSize
    self.page = page
  }

  /// Fills in `problems`; `marks` are from all records.
  ///
  /// Throws `journal.*` for what cannot be read.
  mutating func check(_ marks: RecordedMarks) async throws(CallFailure) {
    try await compare(.approvals, with: marks.approvals)
    try await compare(.badReleases, with: marks.releases)
    problems += try await AuditLockCheck(session: session).problems(marks.locks)
    var (run, seq, done, count) = ("", Int64(0), "", 0)
    while problems.count < AuditRowCheck.limit {
      let rows = try await session.query(
        """
        SELECT \(AuditRecord.columns) FROM audit WHERE (run, seq) > ($1, $2) AND run <> ''
        ORDER BY run, seq LIMIT \(page)
        """,
        [.text(run), .int(seq)]
      )
      for row in rows {
        let record = try AuditRecord(row)
        guard let id = record.run else { continue }
        if id != run, count >= batchSize {
          try await finish(after: done, upTo: run)
          (done, count) = (run, 0)
        }
        batch[id, default: RecordedRun(migration: marks.migration)].take(record)
        (run, seq) = (id, record.seq)
        count += 1
      }
      if rows.count < page { break }
    }
    try await finish(after: done, upTo: nil)
  }

  /// Compares the rows of the runs of the batch, and of those between them that have no records.
  private mutating func finish(after first: String, upTo last: String?) async throws(CallFailure) {
    for table in RecordedTable.ofRuns { try await compare(table, after: first, upTo: last) }
    for (run, recorded) in batch where !pruned.contains(run) {
      for (table, rows) in recorded.rows {
        for (key, row) in rows { add(.removed, table, run, key, row.seq, "was removed") }
      }
    }
    batch = [:]
  }

  private mutating func compare(
    _ table: RecordedTable,
    after first: String,
    upTo last: String?
  ) async throws(CallFailure) {
    var (run, key) = (first, "")
    var isFirst = true
    while problems.count < AuditRowCheck.limit {
      // The runs of the page before begin behind `first`, the rows of the next page behind the last row.
      let place = isFirst ? "\(table.run) > $1 AND $2 = ''" : "(\(table.run), \(table.key)) > ($1, $2)"
      let end = last == nil ? "$3 = ''" : "\(table.run) <= $3"
      let rows = try await session.query(
        """
        SELECT \(table.run), \(table.key), \(table.begun), \(table.columns.joined(separator: ", "))
        FROM \(table.rawValue) WHERE \(place) AND \(end) ORDER BY \(table.run), \(table.key) LIMIT \(page)
        """,
        [.text(run), .text(key), .text(last ?? "")]
      )
      for row in rows {
        var reader = RowReader(row, of: table.rawValue)
        run = try reader.text()
        key = try reader.text()
        let begun = try reader.int()
        let found = Array(row.dropFirst(3))
        if let recorded = batch[run]?.claim(table, key) {
          compare(table, run, key, found, with: recorded, begun: begun)
        } else if !table.hasPlace || batch[run]?.begins[table]?.contains(begun) == true {
          // A row whose beginning is no record at all is told of elsewhere.
          add(.added, table, run, key, begun, "was added: no audit record mentions it")
        }
      }
      isFirst = false
      if rows.count < page { return }
    }
  }

  private mutating func compare(
    _ table: RecordedTable,
    with recorded: [String: RecordedRow]
  ) async throws(CallFailure) {
    var missing = recorded
    let columns = table.columns.joined(separator: ", ")
    for row in try await session.query("SELECT \(table.key), \(columns) FROM \(table.rawValue)", []) {
      let key = row[0].text ?? ""
      if let recorded = missing.removeValue(forKey: key) {
        compare(table, nil, key, Array(row.dropFirst()), with: recorded, begun: recorded.begun)
      } else {
        add(.added, table, nil, key, 0, "was added: no audit record mentions it")
      }
    }
    for (key, row) in missing { add(.removed, table, nil, key, row.seq, "was removed") }
  }

  private mutating func compare(
    _ table: RecordedTable,
    _ run: String?,
    _ key: String,
    _ found: [DatabaseValue],
    with recorded: RecordedRow,
    begun: Int64
  ) {
    var names: [String] = []
    for (name, value) in zip(table.columns, found) {
      guard let content = recorded.columns[name], !content.fits(value) else { continue }
      names.append(AuditRowCheck.difference(name, value, content))
    }
    // A question that is asked again has a new place.
    if table.hasPlace, table != .questions, begun != recorded.begun { names.append("its place") }
    if names.isEmpty { return }
    let what = "was edited: the audit records disagree on \(names.joined(separator: ", "))"
    add(.edited, table, run, key, recorded.seq, what)
  }

  // Long and private contents are not repeated.
  private static func difference(_ name: String, _ found: DatabaseValue, _ content: RecordedRow.Content) -> String {
    guard name == "state", case .value(let value) = content else { return "its \(name)" }
    return "its state (\(found.text ?? "none"); it was \(value.text ?? "none"))"
  }

  private mutating func add(
    _ kind: AuditProblem.Kind,
    _ table: RecordedTable,
    _ run: String?,
    _ key: String,
    _ seq: Int64,
    _ what: String
  ) {
    let name = table == .runs || run == nil ? "\(table.word) \(key)" : "\(table.word) '\(key)' of run \(run ?? "")"
    let message = "the row of \(name) \(what)"
    problems.append(AuditProblem(kind: kind, seq: seq, run: run, message: message))
  }
}
