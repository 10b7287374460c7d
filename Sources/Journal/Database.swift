package import PrimitiveKit

/// A database that keeps a journal: SQLite by default, PostgreSQL where a team shares it (DESIGN section 6).
///
/// Both speak the same statements: placeholders `$1`, `$2`, …, `ON CONFLICT`, `RETURNING`, columns of text and 64-bit
/// integers only.
package protocol Database: Sendable {
  /// Runs `body` in one transaction that excludes other writers, durable when this returns; rolls back what throws.
  ///
  /// Throws what `body` throws, and `journal.*` failures of the database.
  func transaction<Answer: Sendable>(
    _ body: @Sendable (any DatabaseSession) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer

  /// Runs `body` in one transaction that only reads and sees one state.
  func reading<Answer: Sendable>(
    _ body: @Sendable (any DatabaseSession) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer

  /// What would keep a change from being written now, as far as can be told without one; nil when nothing is known.
  func obstacle() async -> CallFailure?

  /// What messages call it: a path, or `postgres://host/name` without the password.
  var name: String { get }
}

extension Database {
  package func obstacle() async -> CallFailure? { nil }
}

/// The statements of one transaction.
package protocol DatabaseSession: Sendable {
  /// Runs one statement and answers its rows.
  ///
  /// Throws `journal.unavailable` (not reached, locked for too long), `journal.full`, `journal.read_only`,
  /// `journal.corrupt`, and `journal.failed` for the rest.
  @discardableResult
  func query(_ statement: String, _ arguments: [DatabaseValue]) async throws(CallFailure) -> [[DatabaseValue]]

  /// Milliseconds since 1970 by the clock that all writers of this database share: the server's, or the machine's.
  func now() async throws(CallFailure) -> Int64
}

/// One field of a row.
package enum DatabaseValue: Sendable, Equatable {
  case null
  case int(Int64)
  case text(String)

  package var int: Int64? { if case .int(let int) = self { int } else { nil } }
  package var text: String? { if case .text(let text) = self { text } else { nil } }
}
