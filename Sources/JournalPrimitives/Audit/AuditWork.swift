import Journal
package import PrimitiveKit
package import Runs

/// Looks into the audit chain, and accepts what is wrong with it.
package struct AuditWork: Sendable {
  private let setting: RunSetting
  private var dialogue: any Dialogue { setting.dialogue }

  package init(_ setting: RunSetting) { self.setting = setting }

  private func journal() async throws(CallFailure) -> Journal { try await setting.registry.open().journal }

  /// Checks the audit chain; a problem is also the exit code.
  package func verify() async throws(CallFailure) -> Value {
    let isDry = setting.options.isDryRun || CallContext.current.run?.world.mode == .dry
    let report = try await journal().verify(marks: !isDry)
    if !report.isIntact {
      dialogue.note(.dataInvalid)
      dialogue.say(
        isDry
          ? "without --dry-run this marks the journal, and changes are refused until its problems are accepted"
          : "changes are refused until its problems are accepted: `opsh audit accept --reason …`"
      )
    }
    var fields: [String: Value] = [
      "records": .int(report.count), "ok": .bool(report.isIntact),
      "problems": .array(report.problems.map { Value.string($0.message) }),
      "covers": .array(AuditCoverage.tables.map(Value.string)),
      "covers_not": .array(AuditCoverage.exceptions.map { .string($0.table) }),
    ]
    if !report.accepted.isEmpty { fields["accepted"] = .array(report.accepted.map(Value.string)) }
    return .table(fields)
  }

  /// Compares the audit chain with heads that were kept elsewhere; one that does not match is also the exit code.
  ///
  /// Throws `audit.no_heads` and `journal.*`.
  package func compare(heads text: String, name: String) async throws(CallFailure) -> Value {
    let found = try await journal().compare(heads: text, name: name)
    if found.mismatch != nil { dialogue.note(.dataInvalid) }
    return .table([
      "matched": .int(found.matched), "of_other_journals": .int(found.others), "ok": .bool(found.mismatch == nil),
      "problem": found.mismatch.map { .string($0) } ?? .null,
    ])
  }

  /// Accepts a damaged journal and continues with it.
  ///
  /// Throws `call.argument` for a blank reason, `audit.intact` when nothing is wrong, and `journal.*`.
  package func accept(reason: String) async throws(CallFailure) -> Value {
    let journal = try await journal()
    if setting.options.isDryRun {
      dialogue.say("would accept what `opsh audit verify` finds in \(journal.database.name)")
      return .null
    }
    let report = try await journal.accept(reason: reason)
    return .table([
      "records": .int(report.count), "accepted": .array(report.problems.map { Value.string($0.message) }),
    ])
  }

  /// Hands out the audit records as JSON Lines, the oldest first.
  package func export(_ line: @escaping @Sendable (String) -> Void) async throws(CallFailure) {
    try await journal().export(line)
  }

  /// How well plans foretold what was done.
  func fidelity() async throws(CallFailure) -> [FidelityEntry] {
    try await journal().fidelity().map(FidelityEntry.init)
  }

  /// The same as data.
  package func fidelityValue() async throws(CallFailure) -> Value { try await fidelity().value }
}
