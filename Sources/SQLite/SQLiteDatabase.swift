import Glibc
package import Journal
package import PrimitiveKit

/// A journal's database in one file: write-ahead log, synced at every commit.
///
/// One connection writes and another reads, each on its own thread, so long reads keep no change waiting.
package final class SQLiteDatabase: Database {
  package let path: String
  /// Why it cannot be written; nil when it can.
  package let refusal: CallFailure?
  private let writer: SQLiteConnection
  private let reader: SQLiteConnection
  private let damage: SQLiteDamage

  package var name: String { path }

  // sqlite.org/pragma.html. A log that grew large once is cut back when it starts over.
  private static let reading = [
    "PRAGMA busy_timeout = 10000", "PRAGMA trusted_schema = OFF", "PRAGMA cell_size_check = ON",
  ]
  private static let writing =
    reading + [
      "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON",
      "PRAGMA journal_size_limit = 4194304",
    ]
  // Reads the schema, so a file of another kind is found out at once.
  private static let look = "SELECT COUNT(*) FROM sqlite_schema"

  /// Opens a file and creates it when there is none; one that cannot be written opens for reading, with a `refusal`.
  ///
  /// `now` answers milliseconds since 1970. Throws `journal.corrupt` for a file that is no database, `journal.read_only`,
  /// `journal.full` and `journal.unavailable` when it can be neither created nor read.
  package static func open(
    _ path: String,
    isReadOnly: Bool = false,
    now: @escaping @Sendable () -> Int64 = SQLiteDatabase.wallClock
  ) async throws(CallFailure) -> SQLiteDatabase {
    let file = SQLiteFile(path: path)
    let damage = SQLiteDamage()
    let writer = SQLiteConnection(path: path, name: "journal-write", damage: damage, now: now)
    let reader = SQLiteConnection(path: path, name: "journal-read", damage: damage, now: now)
    var refusal: CallFailure? = isReadOnly ? SQLiteFailure.readOnly(path, "it was opened for reading only") : nil
    do throws(CallFailure) {
      try file.refuseForeign()
      if refusal == nil, try !file.prepare() {
        refusal = SQLiteFailure.readOnly(path, "permission denied")
      }
      if refusal == nil {
        try await writer.open(.readWrite, settings: writing + [look])
        try await reader.open(.readWrite, settings: reading + ["PRAGMA query_only = ON", look])
      }
    } catch {
      // A full disk or a directory that lost its permissions must not take the reads with it.
      guard error.code != "journal.corrupt", access(path, R_OK) == 0 else { throw error }
      refusal = error
    }
    if let refusal {
      await writer.close()
      try await openForReading(reader, file, refusal)
    }
    return SQLiteDatabase(path: path, refusal: refusal, writer: writer, reader: reader, damage: damage)
  }

  /// The machine's wall clock, in milliseconds since 1970.
  package static let wallClock: @Sendable () -> Int64 = {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  private init(
    path: String,
    refusal: CallFailure?,
    writer: SQLiteConnection,
    reader: SQLiteConnection,
    damage: SQLiteDamage
  ) {
    self.path = path
    self.refusal = refusal
    self.writer = writer
    self.reader = reader
    self.damage = damage
  }

  package func transaction<Answer: Sendable>(
    _ body: @Sendable (any DatabaseSession) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    if let refusal { throw refusal }
    try damage.refuse()
    return try await writer.writing(body)
  }

  package func reading<Answer: Sendable>(
    _ body: @Sendable (any DatabaseSession) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    try await reader.reading(body)
  }

  /// Lets the file go once its transactions have ended; later ones fail with `journal.unavailable`.
  package func close() async {
    await reader.close()
    await writer.close()
  }

  /// Runs a statement on the writing connection outside of transactions.
  func execute(_ statement: String) async throws(CallFailure) { try await writer.execute(statement) }

  private static func openForReading(
    _ reader: SQLiteConnection,
    _ file: SQLiteFile,
    _ refusal: CallFailure
  ) async throws(CallFailure) {
    do throws(CallFailure) {
      try await reader.open(.readOnly, settings: reading + [look])
    } catch {
      if error.code == "journal.corrupt" { throw error }
      // Without helper files the library reads only what is complete, and only as if it never changed.
      guard file.isComplete else { throw error }
      try await reader.open(.immutable, settings: reading + [look])
    }
  }
}
