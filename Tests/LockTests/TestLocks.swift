import Foundation
import Journal
import JournalPostgres
import JournalSQLite
import PostgresTesting
import PrimitiveKit
import Synchronization

/// The databases that every test of locks runs on.
enum TestDatabase: String, CaseIterable, Sendable {
  case sqlite
  case postgres

  /// The address of a new one, with the tables of locks.
  func address() async throws -> String {
    switch self {
    case .sqlite: return NSTemporaryDirectory() + "opsh-locks-\(UUID().uuidString).sqlite"
    case .postgres: return try await PostgresServer.shared().newSchema()
    }
  }

  /// Opens an address that `address` gave.
  func open(_ address: String) async throws -> any Database {
    switch self {
    case .sqlite: return try await SQLiteDatabase.open(address)
    case .postgres: return try PostgresDatabase(url: address)
    }
  }
}

/// Locks in a new database, whose time the test moves and whose audit it reads.
final class TestLocks: Sendable {
  let kind: TestDatabase
  let address: String
  let database: ClockedDatabase
  private let dead = Mutex<Set<Int>>([])
  private let records = Mutex<[Recorded]>([])

  /// An audit record.
  struct Recorded: Sendable {
    let event: String
    let run: String?
    let body: Value
  }

  init(_ kind: TestDatabase) async throws {
    self.kind = kind
    address = try await kind.address()
    let plain = try await kind.open(address)
    try await TestLocks.createTables(plain)
    database = ClockedDatabase(base: plain)
  }

  deinit { if kind == .sqlite { for end in ["", "-wal", "-shm"] { unlink(address + end) } } }

  /// The epoch of what is granted so many seconds after the start, when it is the first of its second.
  static func epoch(after seconds: Int = 0) -> Int { ClockedDatabase.start + seconds }

  var store: LockStore {
    LockStore(
      database,
      audit: { [self] event, run, body, _ throws(CallFailure) in
        records.withLock { $0.append(Recorded(event: event, run: run, body: body)) }
      },
      isGone: { [self] holder in dead.withLock { $0.contains(holder.pid) } }
    )
  }

  /// The names of the audit records so far.
  var events: [String] { records.withLock { $0.map(\.event) } }
  /// The last audit record.
  var last: Recorded? { records.withLock { $0.last } }

  /// Ends the process of a holder.
  func kill(_ pid: Int) { _ = dead.withLock { $0.insert(pid) } }

  /// A holder; each name has its own process.
  static func holder(_ name: String, pid: Int? = nil, tty: String = "", host: String = "ops1") -> LockHolder {
    LockHolder(
      ProcessIdentity(
        operatorName: name,
        user: name,
        host: host,
        boot: "boot-\(host)",
        pid: pid ?? name.utf8.reduce(100) { $0 * 31 % 30_000 + Int($1) },
        startTicks: 1,
        tty: tty,
        opshVersion: "1.0.0",
        opshDigest: ""
      ),
      processTable: "pid:[1]"
    )
  }

  /// A request whose claim is named after its holder.
  static func request(_ name: String, _ scopes: String..., mode: LockScope.Mode = .exclusive, claim: String? = nil)
    -> LockRequest
  {
    LockRequest(
      scopes: scopes.compactMap { LockScope($0, mode: mode) },
      claim: claim ?? "claim-\(name)",
      holder: holder(name),
      run: "run-\(name)",
      reason: "work of \(name)"
    )
  }

  static func createTables(_ database: any Database) async throws(CallFailure) {
    _ = try await journal(database)
  }

  /// The journal in a database, opened by Anna.
  static func journal(_ database: any Database) async throws(CallFailure) -> Journal {
    try await Journal.open(database, identity: ProcessIdentity.current(version: "1.0.0", digest: ""))
  }
}
