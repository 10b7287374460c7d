import Foundation
import Journal
import JournalSQLite
import PostgresTesting
import PrimitiveKit

@testable import JournalCare

/// A journal in a directory of one test, and what looks after it.
final class CareScratch: Sendable {
  /// Which databases a journal is kept in and copied to.
  enum Kind: CaseIterable { case file, server }

  let directory: String

  init() throws {
    directory = NSTemporaryDirectory() + "opsh-care-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  var backup: String { "\(directory)/backup" }
  var anchor: AnchorFile { AnchorFile(path: "\(directory)/journal.anchor") }

  func place(_ kind: Kind, _ name: String = "journal") async throws -> JournalPlace {
    switch kind {
    case .file: .file("\(directory)/\(name)")
    case .server: .server(try await PostgresServer.shared().newSchema())
    }
  }

  func care(_ place: JournalPlace) -> JournalCare { JournalCare(place: place, anchor: anchor, identity: .anna) }

  /// Hands out the journal at a place and closes it.
  func with<Answer>(_ place: JournalPlace, _ body: (Journal) async throws -> Answer) async throws -> Answer {
    let journal = try await Journal.open(try await place.open(), identity: .anna, anchor: anchor)
    let answer = try await body(journal)
    await JournalCare.close(journal.database)
    return answer
  }

  /// Everything that a journal holds, as text: two journals with the same rows read alike.
  func content(_ place: JournalPlace, without tables: Set<String> = ["meta", "anchors"]) async throws -> [String] {
    let database = try await place.open()
    var lines: [String] = []
    for table in try await JournalTables(of: database).tables where !tables.contains(table.name) {
      let columns = table.columns.sorted().joined(separator: ", ")
      let rows = try await database.reading { (session) throws(CallFailure) in
        try await session.query("SELECT \(columns) FROM \(table.name)", [])
      }
      lines += rows.map { "\(table.name): \($0)" }.sorted()
    }
    await JournalCare.close(database)
    return lines
  }

  /// Changes a database behind everybody's back.
  func tamper(_ place: JournalPlace, _ statements: String...) async throws {
    let database = try await place.open()
    for statement in statements {
      try await database.transaction { (session) throws(CallFailure) in _ = try await session.query(statement, []) }
    }
    await JournalCare.close(database)
  }

  /// The files of the directory whose names begin with these words.
  func files(_ start: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasPrefix(start) }.sorted()
  }
}

extension ProcessIdentity {
  static let anna = ProcessIdentity(
    operatorName: "anna",
    user: "root",
    host: "desk",
    boot: "boot-1",
    pid: 4_000_001,
    startTicks: 99,
    tty: "/dev/pts/1",
    opshVersion: "0.1.0",
    opshDigest: "d1"
  )

  /// The process of the test, which is alive.
  static var alive: ProcessIdentity { ProcessIdentity.current(version: "0.1.0", digest: "d1") }
}

extension Journal {
  /// Writes a run of one operation with a text of its own, and ends it.
  func write(_ id: String, state: RunState = .ok, parent: String? = nil, as identity: ProcessIdentity = .anna)
    async throws
  {
    try await begin(
      RunHeader(
        id: id,
        name: "deploy",
        kind: .runbook,
        identity: identity,
        runbook: RunbookReference(
          name: "deploy",
          version: "1.0.0",
          sha256: texts.intern("runbook of \(id)"),
          path: "d.lua"
        ),
        hosts: ["web1"],
        parent: parent
      ),
      with: RunBeginning(kept: ["seed": "1"])
    )
    try await beginStep(run: id, path: "write", argumentsHash: "h", attempt: 1)
    let coding = OperationCoding(texts: texts)
    let operation = Words(words: InternedText(String(repeating: "text of \(id) ", count: 40)))
    let run = Run(id: id, world: .none, holding: HoldsEverything(), record: record(of: id, claim: nil), coding: coding)
    _ = try await run.perform(operation)
    try await endStep(run: id, path: "write", end: .ok(.int(1)))
    try await update(id, state: state, reason: nil, exitCode: 0)
  }
}

/// An operation with a long text.
struct Words: PrimitiveKit.Operation {
  static let kind = "test.words"
  let words: InternedText

  var target: OperationTarget { .host("web1") }
  var effect: Effect { .changes }
  var summary: String { "write" }

  func predict(in world: World) async throws(CallFailure) -> Prediction<String> { .exact("") }
  func perform(in world: World) async throws(CallFailure) -> String { "done" }
  func probe(in world: World) async throws(CallFailure) -> Probe<String> { .notDone }
  func inverse(of outcome: String) -> (any PrimitiveKit.Operation)? { nil }
}

extension World {
  /// A live world without hosts.
  static var none: World {
    World(mode: .live, clock: ContinuousClock(), now: { Date() }, drawSeed: { 1 }, transport: Nobody())
  }
}

private struct Nobody: Transport {
  func execute(_ request: CommandRequest, on host: HostAddress) async throws(TransportError) -> CommandResult {
    throw .unreachable(host: host.name, reason: "there are no hosts", hint: nil)
  }

  func put(_ file: FileUpload, on host: HostAddress) async throws(TransportError) {
    throw .unreachable(host: host.name, reason: "there are no hosts", hint: nil)
  }
}

/// The failure that `body` throws; nil when it does not.
func failure(_ body: () async throws -> Void) async -> CallFailure? {
  do {
    try await body()
    return nil
  } catch {
    return error as? CallFailure
  }
}
