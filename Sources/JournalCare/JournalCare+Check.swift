package import Journal
import JournalSQLite
package import PrimitiveKit

extension JournalCare {
  /// What a check found.
  package struct Checked: Sendable {
    package let standing: JournalStanding
    package let problems: [String]
    /// Decisions to continue despite problems.
    package let accepted: [String]
  }

  /// Checks the journal whole: the database's pages and references, the schema, the audit chain with rows and anchors, and the
  /// texts by their hashes.
  ///
  /// A problem of the chain marks the journal, as `audit verify` does. Throws `journal.missing`, and `journal.*` when it cannot be
  /// read.
  package func check() async throws(CallFailure) -> Checked {
    let journal = try await open()
    let result: Result<Checked, CallFailure>
    do throws(CallFailure) {
      result = .success(try await check(journal))
    } catch {
      result = .failure(error)
    }
    await JournalCare.close(journal.database)
    return try result.get()
  }

  private func check(_ journal: Journal) async throws(CallFailure) -> Checked {
    var problems: [String] = []
    if let file = journal.database as? SQLiteDatabase { problems += try await file.integrity() }
    guard let standing = try await JournalStanding.of(journal.database, seenFrom: identity) else { throw missing() }
    if standing.schema != Journal.schemaVersion {
      problems.append("its schema is \(standing.schema); this opsh writes schema \(Journal.schemaVersion)")
    }
    let report = try await journal.verify()
    problems += report.problems.map(\.message)
    if report.problemCount > report.problems.count {
      problems.append("and \(report.problemCount - report.problems.count) more problems of the audit chain")
    }
    return Checked(standing: standing, problems: problems, accepted: report.accepted)
  }
}
