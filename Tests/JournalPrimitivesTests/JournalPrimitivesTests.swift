import Foundation
import Journal
import JournalPrimitives
import JournalSQLite
import OpshTesting
import PrimitiveKit
import Runs
import Testing

/// What is asked about the journal needs neither Lua nor an engine.
struct JournalPrimitivesTests {
  let dialogue = RecordingDialogue()
  let directory = NSTemporaryDirectory() + "opsh-primitives-\(UUID().uuidString)"
  let identity = ProcessIdentity.current(version: "0.1.0", digest: "")

  private func journal() async throws -> Journal {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    return try await Journal.open(try await SQLiteDatabase.open("\(directory)/journal"), identity: identity)
  }

  private func setting(_ journal: Journal, isDry: Bool = false) -> RunSetting {
    let registry = RunRegistry(
      journal: journal,
      locks: RunLocks(
        store: LockStore(journal),
        holder: LockHolder(identity),
        clock: ContinuousClock(),
        timing: .standard,
        patience: .zero,
        dialogue: dialogue
      ),
      coding: OperationCoding(texts: journal.texts),
      dialogue: dialogue,
      site: SiteScopes { hosts in hosts.map { LockScope(path: ["host", $0]) } }
    )
    return RunSetting(
      registry: RegistryOpener { () throws(CallFailure) in registry },
      world: World(
        mode: .live,
        clock: ContinuousClock(),
        now: { Date(timeIntervalSince1970: 0) },
        drawSeed: { 7 },
        services: Services()
      ),
      dialogue: dialogue,
      options: SessionOptions(isDryRun: isDry),
      interrupts: RunbookInterrupts(dialogue: dialogue),
      site: SiteView(
        name: "demo",
        hosts: { selector throws(CallFailure) in [selector] },
        scopes: { hosts in hosts.map { LockScope(path: ["host", $0]) } }
      )
    )
  }

  private func call(_ name: String, _ arguments: [String: Value], _ setting: RunSetting) async throws -> Value {
    let primitive = try #require(JournalPrimitives(setting).all.first { $0.info.name == name })
    return try await primitive.call([.table(arguments)])
  }

  @Test func `runs are listed by state, the newest first`() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let journal = try await journal()
    for (id, state) in [("r1", RunState.partial), ("r2", .waiting), ("r3", .partial)] {
      try await journal.begin(RunHeader(id: id, name: "deploy", kind: .call, identity: identity, state: state))
    }
    let listed = try await call("runs", ["state": .string("partial")], setting(journal))
    guard case .array(let runs) = listed else { throw CallFailure(.failed, code: "test", message: "\(listed)") }
    #expect(runs.map { $0["id"] } == [.string("r3"), .string("r1")])
    #expect(try await call("run", ["id": .string("r2")], setting(journal))["state"] == .string("waiting"))
  }

  @Test func `a lock taken by hand is listed until it is released, and a dry run takes none`() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let journal = try await journal()
    let scope: [String: Value] = ["scope": .string("host/web1"), "reason": .string("its clock is wrong")]
    _ = try await call("lock.take", scope, setting(journal, isDry: true))
    #expect(try await call("locks", [:], setting(journal)) == .array([]))
    #expect(dialogue.text.contains("dry run: would lock host/web1"))
    _ = try await call("lock.take", scope, setting(journal))
    let held = try await call("locks", [:], setting(journal))
    guard case .array(let locks) = held else { throw CallFailure(.failed, code: "test", message: "\(held)") }
    #expect(locks.map { $0["scope"] }.contains(.string("host/web1")), "\(held)")
    _ = try await call("lock.release", ["scope": .string("host/web1")], setting(journal))
    #expect(try await call("locks", [:], setting(journal)) == .array([]))
    #expect(try await call("audit.verify", [:], setting(journal))["ok"] == .bool(true))
  }
}
