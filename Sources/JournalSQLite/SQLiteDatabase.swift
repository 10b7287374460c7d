import Glibc
package import Journal
package import PrimitiveKit
import SQLite
import Synchronization

/// A journal's database in one file: write-ahead log, synced at every commit.
///
/// One connection writes and another reads, each on its own thread, so long reads keep no change waiting.
package final class SQLiteDatabase: Database {
  package let path: String
  /// Whether this object counts as a user of the file.
  private let holds = Atomic(false)
  private let isReadOnly: Bool
  private let allowsNetwork: Bool
  private let file: SQLiteFile
  private let writer: JournalConnection
  private let reader: JournalConnection
  private let damage = SQLiteDamage()
  private let refused = Mutex<CallFailure?>(nil)

  package var name: String { path }

  /// Why it cannot be written; nil when it can.
  ///
  /// Each change tries again, so a disk that is no longer full needs no new start.
  package var refusal: CallFailure? { refused.withLock { $0 } }

  package func obstacle() async -> CallFailure? { refusal ?? file.obstacle() }

  // sqlite.org/pragma.html. The look at the schema finds out a file of another kind at once.
  static let reading = [
    "PRAGMA trusted_schema = OFF", "PRAGMA cell_size_check = ON",
    "SELECT COUNT(*) FROM sqlite_schema",
  ]
  static let looking = reading + ["PRAGMA query_only = ON"]
  // A log that grew large once is cut back when it starts over. The empty transaction finds out what cannot be written.
  private static let writing =
    reading + [
      "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON",
      "PRAGMA journal_size_limit = 4194304", "BEGIN IMMEDIATE", "ROLLBACK",
    ]

  /// Opens a file, or creates it if it is missing; one that cannot be written opens for reading, with a `refusal`.
  ///
  /// `now` answers milliseconds since 1970. Throws `journal.corrupt` for a file that is no database, `journal.read_only`,
  /// `journal.full`, `journal.network` and `journal.unavailable` when it can be neither created nor read.
  package static func open(
    _ path: String,
    isReadOnly: Bool = false,
    allowsNetwork: Bool = false,
    now: @escaping @Sendable () -> Int64 = SQLiteDatabase.wallClock
  ) async throws(CallFailure) -> SQLiteDatabase {
    let file = SQLiteFile(path: path)
    return try await open(file, isReadOnly: isReadOnly, allowsNetwork: allowsNetwork, now: now)
  }

  static func open(
    _ file: SQLiteFile,
    isReadOnly: Bool = false,
    allowsNetwork: Bool = false,
    now: @escaping @Sendable () -> Int64 = SQLiteDatabase.wallClock
  ) async throws(CallFailure) -> SQLiteDatabase {
    let database = SQLiteDatabase(file, isReadOnly: isReadOnly, allowsNetwork: allowsNetwork, now: now)
    do throws(CallFailure) {
      try await database.connect(creates: true)
    } catch {
      // A full disk or a directory that lost its permissions must not take the reads with it.
      guard await database.reader.isOpen else { throw error }
      database.refused.withLock { $0 = error }
    }
    return database
  }

  /// The machine's wall clock, in milliseconds since 1970.
  package static let wallClock: @Sendable () -> Int64 = {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  private init(
    _ file: SQLiteFile,
    isReadOnly: Bool,
    allowsNetwork: Bool,
    now: @escaping @Sendable () -> Int64
  ) {
    self.file = file
    path = file.path
    self.isReadOnly = isReadOnly
    self.allowsNetwork = allowsNetwork
    writer = JournalConnection(path: path, name: "journal-write", damage: damage, now: now)
    reader = JournalConnection(path: path, name: "journal-read", damage: damage, now: now)
  }

  package func transaction<Answer: Sendable>(
    _ body: @Sendable (any DatabaseSession) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    try damage.refuse()
    if refusal != nil {
      try await connect(creates: false)
      refused.withLock { $0 = nil }
    }
    do throws(CallFailure) {
      return try await writer.writing(body)
    } catch {
      // The library keeps for good what it could not open for writing.
      if error.mark == .readOnly { refused.withLock { $0 = error } }
      throw error
    }
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
    if holds.exchange(false, ordering: .relaxed) { await OpeningTurn.shared.closed(path) }
  }

  deinit {
    if holds.load(ordering: .relaxed) {
      // The connections let go with this object.
      Task { [path] in await OpeningTurn.shared.closed(path) }
    }
  }

  /// Runs a statement on the writing connection outside of transactions.
  func execute(_ statement: String) async throws(CallFailure) { try await writer.execute(statement) }

  /// Opens both connections, or the reading one alone; then it throws why the other could not be.
  private func connect(creates: Bool) async throws(CallFailure) {
    let isInUse = await OpeningTurn.shared.begin(path)
    do throws(CallFailure) {
      try await connect(creates: creates, isInUse: isInUse)
    } catch {
      // It may still be read.
      let isOpen = await reader.isOpen
      await OpeningTurn.shared.end(path, isOpen: isOpen && !holds.exchange(true, ordering: .relaxed))
      throw error
    }
    await OpeningTurn.shared.end(path, isOpen: !holds.exchange(true, ordering: .relaxed))
  }

  private func connect(creates: Bool, isInUse: Bool) async throws(CallFailure) {
    // Connections of one process share what they know of the log, so the reader lets go before the writer tries.
    try await reader.replace { (reader) async throws(CallFailure) in
      do throws(CallFailure) {
        if isReadOnly { throw SQLiteFailure.readOnly(path, "it was opened for reading only") }
        if !allowsNetwork { try file.refuseNetwork() }
        if !isInUse {
          try file.refuseForeign()
          if creates { try file.create() }
        }
        try await writer.open(.readWrite, settings: SQLiteDatabase.writing)
        try await reader.connect(.readWrite, settings: SQLiteDatabase.looking)
      } catch {
        await writer.close()
        if error.mark == .damaged { throw error }
        do throws(CallFailure) {
          try await connectForReading(reader)
        } catch let second {
          throw isReadOnly ? second : error
        }
        throw error
      }
    }
  }

  private func connectForReading(_ reader: isolated JournalConnection) async throws(CallFailure) {
    do throws(CallFailure) {
      try await reader.connect(.readOnly, settings: SQLiteDatabase.reading)
    } catch {
      if error.mark == .damaged { throw error }
      // Without helper files the library reads only what is complete, and only as if it never changed.
      guard file.isComplete else { throw error }
      try await reader.connect(.immutable, settings: SQLiteDatabase.reading)
    }
  }
}
