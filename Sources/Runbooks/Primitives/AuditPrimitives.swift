import Journal
package import PrimitiveKit

extension RunbookDesk {
  /// What was done, provably, and how well it was foretold.
  var auditPrimitives: [Primitive] {
    [
      Primitive(
        "audit.verify",
        "Checks that no audit record was edited, removed, reordered or cut off, and that rows are as records say.",
        effect: .reads,
        returns: "How many records, what is wrong, which tables the audit covers, and which not and why",
        examples: [Example("audit.verify()", "the whole chain")],
        topics: ["journal", "tamper", "chain"]
      ) { () async throws(CallFailure) in
        try await self.require().verifyAudit()
      },

      Primitive(
        "fidelity",
        "Shows how often plans foretold what was done, by kind of change.",
        effect: .reads,
        returns: "One record a kind",
        examples: [Example("fidelity()", "over all runs")],
        topics: ["dry run", "prediction", "plan"]
      ) { () async throws(CallFailure) in
        try await self.require().registry().journal.fidelity().map(FidelityEntry.init)
      },
    ]
  }
}

extension RunbookEngine {
  /// Checks the audit chain; a problem is also the exit code.
  package func verifyAudit() async throws(CallFailure) -> Value {
    let report = try await registry().journal.verify()
    if !report.isIntact {
      dialogue.note(.dataInvalid)
      dialogue.say("nothing can be changed until somebody goes on with it all the same: `opsh audit accept --reason …`")
    }
    var fields: [String: Value] = [
      "records": .int(report.count), "ok": .bool(report.isIntact),
      "problems": .array(report.problems.map { Value.string($0.message) }),
      "covers": .array(AuditCoverage.tables.map(Value.string)),
      "covers_not": .table(
        Dictionary(AuditCoverage.exceptions.map { ($0.table, .string($0.reason)) }, uniquingKeysWith: { $1 })
      ),
    ]
    if !report.accepted.isEmpty { fields["accepted"] = .array(report.accepted.map(Value.string)) }
    return .table(fields)
  }

  /// Compares the audit chain with heads that were kept elsewhere; one that does not match is also the exit code.
  ///
  /// Throws `audit.no_heads` and `journal.*`.
  package func compareHeads(_ text: String, name: String) async throws(CallFailure) -> Value {
    let found = try await registry().journal.compare(heads: text, name: name)
    if found.mismatch != nil { dialogue.note(.dataInvalid) }
    return .table([
      "matched": .int(found.matched), "of_other_journals": .int(found.others), "ok": .bool(found.mismatch == nil),
      "problem": found.mismatch.map { .string($0) } ?? .null,
    ])
  }

  /// Goes on with a journal in spite of what is wrong with it.
  ///
  /// Throws `call.argument` for a blank reason, `audit.intact` when nothing is wrong, and `journal.*`.
  package func acceptAudit(reason: String) async throws(CallFailure) -> Value {
    let journal = try await registry().journal
    if setting.options.isDryRun {
      dialogue.say("would accept what `opsh audit verify` finds, and go on with \(journal.database.name)")
      return .null
    }
    let report = try await journal.accept(reason: reason)
    return .table([
      "records": .int(report.count), "accepted": .array(report.problems.map { Value.string($0.message) }),
    ])
  }
}

/// How well one kind of change was foretold.
struct FidelityEntry: Record, Sendable {
  let row: FidelityRow

  static var luaType: String { "run.Fidelity" }
  static var fields: [FieldInfo] {
    [
      FieldInfo("kind", "string", "Kind of change"),
      FieldInfo("predicted", "integer", "Changes whose outcome was predicted, or should have been"),
      FieldInfo("matched", "integer", "Done as predicted"),
      FieldInfo("percent", "number?", "Matched by predicted; nil where nothing can be predicted"),
      FieldInfo("runs", "integer", "Runs it is from"),
    ]
  }

  var value: Value {
    let percent = row.ratio.map { ($0 * 1000).rounded() / 10 }
    return .table([
      "kind": row.kind.value, "predicted": row.predicted.value, "matched": row.matched.value,
      "percent": percent.value, "runs": row.runs.value,
    ])
  }
}

extension RunbookEngine {
  /// Hands out the audit records as JSON Lines, the oldest first.
  package func exportAudit(_ line: @escaping @Sendable (String) -> Void) async throws(CallFailure) {
    try await registry().journal.export(line)
  }

  /// How well plans foretold what was done.
  package func fidelity() async throws(CallFailure) -> Value {
    try await registry().journal.fidelity().map(FidelityEntry.init).value
  }

  /// The newest runs.
  package func list(limit: Int) async throws(CallFailure) -> Value {
    try await entries(RunFilter(limit: limit)).value
  }
}
