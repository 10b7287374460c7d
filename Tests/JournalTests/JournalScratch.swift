import Foundation
import PrimitiveKit
import Synchronization

@testable import Journal
@testable import JournalSQLite

/// A journal in a directory of one test, with a clock that the test moves.
final class JournalScratch: Sendable {
  let directory: String
  let time = Mutex<Int64>(1_000_000)

  init() {
    directory = NSTemporaryDirectory() + "opsh-journal-\(UUID().uuidString)"
    try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  var path: String { directory + "/journal.sqlite" }
  var anchor: AnchorFile { AnchorFile(path: path + ".anchor") }

  func advance(by milliseconds: Int64) { time.withLock { $0 += milliseconds } }

  func database(isReadOnly: Bool = false) async throws(CallFailure) -> SQLiteDatabase {
    try await SQLiteDatabase.open(path, isReadOnly: isReadOnly, now: { self.time.withLock { $0 } })
  }

  /// Opens the journal; as often as a test likes, like several processes.
  func journal(_ identity: ProcessIdentity = .anna) async throws(CallFailure) -> Journal {
    try await Journal.open(try await database(), identity: identity, anchor: anchor)
  }

  /// Begins with an empty directory.
  func clear() throws {
    for file in try FileManager.default.contentsOfDirectory(atPath: directory) {
      try FileManager.default.removeItem(atPath: "\(directory)/\(file)")
    }
  }

  /// Changes the file behind the journal's back.
  func tamper(_ statements: String...) async throws {
    let database = try await database()
    for statement in statements {
      try await database.transaction { (session) throws(CallFailure) in _ = try await session.query(statement, []) }
    }
    await database.close()
  }
}

extension ProcessIdentity {
  static let anna = identity("anna")
  static let ben = identity("ben")

  private static func identity(_ name: String) -> ProcessIdentity {
    ProcessIdentity(
      operatorName: name,
      user: "root",
      host: "desk",
      // Nobody can tell whether its process runs, so leases decide.
      boot: "",
      pid: 4711,
      startTicks: 99,
      tty: "/dev/pts/1",
      opshVersion: "0.1.0",
      opshDigest: "d1"
    )
  }
}

extension Journal {
  /// A run of the deploy runbook on two hosts.
  func beginDeploy(_ id: String, claim: String? = nil) async throws(CallFailure) {
    try await begin(
      RunHeader(
        id: id,
        name: "deploy",
        kind: .runbook,
        identity: identity,
        runbook: RunbookReference(name: "deploy", version: "1.2.0", sha256: "abc", path: "runbooks/deploy.lua"),
        arguments: .table(["speed": .string("routine"), "count": .int(2)]),
        hosts: ["web1", "web2"],
        planHash: "plan-1",
        epoch: 7,
        claim: claim
      )
    )
  }

  /// Intends an operation and settles it.
  func perform(_ words: String, in run: String) async throws(CallFailure) {
    let record = record(of: run, claim: nil)
    try await record.intend(.of(words))
    try await record.settle(words, .done(outcome: "\"\(words)\"", inverse: nil, isAdopted: false))
  }
}

/// The code of the failure that `body` throws; nil when it does not.
func code(_ body: () async throws(CallFailure) -> Void) async -> String? {
  do throws(CallFailure) {
    try await body()
    return nil
  } catch {
    return error.code
  }
}
