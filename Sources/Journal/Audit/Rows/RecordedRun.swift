import PrimitiveKit

/// The rows of one run as its audit records tell them.
struct RecordedRun {
  /// By table and by name within the run.
  private(set) var rows: [RecordedTable: [String: RecordedRow]] = [:]
  /// The places of records that began a row.
  private(set) var begins: [RecordedTable: Set<Int64>] = [:]

  private let migration: Int64

  /// `migration` is the place of the record of the migration to schema 2.
  init(migration: Int64) { self.migration = migration }

  /// Takes the row out, as one that was found; nil when no record tells of it.
  mutating func claim(_ table: RecordedTable, _ key: String) -> RecordedRow? {
    rows[table]?.removeValue(forKey: key)
  }

  /// Looks at the next record of the run; in the order of their places.
  mutating func take(_ record: AuditRecord) {
    let parts = record.event.split(separator: ".")
    guard parts.count == 2 else { return }
    let fields = AuditFields(record.body)
    switch parts[0] {
    case "run" where record.event == "run.fidelity":
      guard let kind = fields.text("kind") else { return }
      change(.fidelity, kind, record, begins: true) { row in
        row.take([("predicted", "predicted"), ("matched", "matched")], from: fields)
      }
    case "run": takeRun(record, fields)
    case "step": takeStep(record, fields)
    case "operation": takeOperation(record, fields)
    case "question": takeQuestion(record, fields)
    case "read":
      guard record.event == "read.keep", let key = fields.text("key") else { return }
      change(.reads, key, record, begins: true) { $0.takeDigest("content", "answer_sha256", from: fields) }
    default: return
    }
  }

  private mutating func change(
    _ table: RecordedTable,
    _ key: String,
    _ record: AuditRecord,
    begins isBegin: Bool = false,
    _ body: (inout RecordedRow) -> Void
  ) {
    if isBegin { begins[table, default: []].insert(record.seq) }
    // An end without a beginning is no row: the beginning was removed, which the chain tells.
    guard var row = rows[table]?[key] ?? (isBegin ? RecordedRow(seq: record.seq) : nil) else { return }
    row.seq = record.seq
    body(&row)
    rows[table, default: [:]][key] = row
  }

  private mutating func takeRun(_ record: AuditRecord, _ fields: AuditFields) {
    guard let id = record.run else { return }
    let isBegin = record.event == "run.begin"
    let isOlder = record.seq < migration
    guard isBegin || record.event == "run.resume" || record.event == "run.state" else { return }
    change(.runs, id, record, begins: isBegin) { row in
      if record.event == "run.state" {
        row.take([("state", "state"), ("state_reason", "reason"), ("exit_code", "exit_code")], from: fields)
        return
      }
      row.set("state", .value(.text(RunState.running.rawValue)))
      row.clear("state_reason", "exit_code")
      row.take([("epoch", "epoch"), ("claim", "claim")], from: fields)
      if isOlder { row.scale("epoch") }
      // The migration ended runs that had no lease.
      if isOlder, fields.json("claim") == "null" { row.set("claim", nil) }
      let (who, program) = (fields.fields("who"), fields.fields("opsh"))
      row.take([("operator_name", "operator"), ("login", "user"), ("host", "host"), ("pid", "pid")], from: who)
      row.take([("boot", "boot"), ("start_ticks", "start_ticks")], from: program)
      guard isBegin else { return }
      row.take(
        [("name", "name"), ("kind", "kind"), ("plan_hash", "plan"), ("parent", "parent")],
        from: fields
      )
      row.takeJSON("arguments", "arguments", from: fields)
      row.set("hosts", fields.json("hosts").map { .lines($0) })
      let runbook = fields.fields("runbook")
      for column in ["name", "version", "sha256", "path"] {
        row.set("runbook_\(column)", .value(runbook.value(column) ?? .null))
      }
    }
  }

  private mutating func takeStep(_ record: AuditRecord, _ fields: AuditFields) {
    guard let path = fields.text("step") else { return }
    change(.steps, path, record, begins: record.event == "step.begin") { row in
      switch record.event {
      case "step.begin":
        row.take([("arguments_hash", "arguments_sha256"), ("attempt", "attempt")], from: fields)
        row.set("state", .value(.text(StepState.open.rawValue)))
        row.clear("result", "failure", "reason")
      case "step.reopen":
        row.take([("attempt", "attempt")], from: fields)
        row.set("state", .value(.text(StepState.open.rawValue)))
        row.clear("result", "failure", "reason")
      case "step.end":
        row.take([("state", "state"), ("reason", "reason")], from: fields)
        row.takeJSON("failure", "failure", from: fields)
        row.takeDigest("result", "result_sha256", from: fields)
      default: row.forget()
      }
    }
  }

  private mutating func takeOperation(_ record: AuditRecord, _ fields: AuditFields) {
    guard let key = fields.text("key") else { return }
    let isKnown = rows[.operations]?[key] != nil
    let isOlder = record.seq < migration
    change(.operations, key, record, begins: record.event == "operation.intend") { row in
      switch record.event {
      case "operation.intend":
        row.set("state", .value(.text(OperationState.open.rawValue)))
        row.take([("epoch", "epoch")], from: fields)
        if isOlder { row.scale("epoch") }
        row.clear("outcome", "inverse", "failure", "resolution")
        // One that did not happen and is tried again keeps its first words.
        if isKnown { return }
        row.take([("step", "step"), ("kind", "kind"), ("effect", "effect"), ("summary", "summary")], from: fields)
        row.takeJSON("content", "operation", from: fields)
        // Older records have no more than the host.
        row.takeJSON("target", "target", from: fields)
        row.set("adopted", .value(.int(0)))
      case "operation.settle": RecordedRun.settle(&row, fields)
      case "operation.resolve":
        row.take([("state", "status"), ("resolution", "reason")], from: fields)
        row.takeJSON("outcome", "outcome", from: fields)
        row.clear("failure")
      case "operation.reopen":
        row.set("state", .value(.text(OperationState.notDone.rawValue)))
        row.set("resolution", nil)
        row.clear("outcome", "failure")
      default: row.forget()
      }
    }
  }

  private static func settle(_ row: inout RecordedRow, _ fields: AuditFields) {
    row.take([("state", "status")], from: fields)
    row.set("adopted", .value(.int(fields.json("adopted") == "true" ? 1 : 0)))
    row.clear("outcome", "inverse", "failure", "resolution")
    if fields.json("outcome_sha256") != nil { row.takeDigest("outcome", "outcome_sha256", from: fields) }
    if fields.json("failure") != nil { row.takeJSON("failure", "failure", from: fields) }
    // Older records do not have the hash.
    if fields.json("reversible") == "true" { row.takeDigest("inverse", "inverse_sha256", from: fields) }
  }

  private mutating func takeQuestion(_ record: AuditRecord, _ fields: AuditFields) {
    guard let id = fields.text("question") else { return }
    change(.questions, id, record, begins: record.event == "question.ask") { row in
      if record.event == "question.answer" {
        row.take([("answer", "answer"), ("answered_by", "by")], from: fields)
      } else if record.event == "question.ask" {
        row.take([("step", "step"), ("words", "text"), ("evidence", "evidence")], from: fields)
        row.takeJSON("choices", "choices", from: fields)
        row.clear("answer", "answered_by")
      } else {
        row.forget()
      }
    }
  }
}
