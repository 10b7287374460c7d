import PrimitiveKit
import Testing

@testable import Journal

/// What becomes of epochs and leases that somebody changed behind the journal's back.
struct EpochAuditTests {
  let scratch = JournalScratch()

  private func journal(_ kind: EveryDatabaseTests.Kind) async throws -> Journal {
    try await Journal.open(try await EveryDatabaseTests.databases(kind, scratch)[0], identity: .anna)
  }

  private func request(_ claim: String, _ scopes: String...) -> LockRequest {
    LockRequest(scopes: scopes.compactMap { LockScope($0) }, claim: claim, holder: LockHolder(.anna), run: claim)
  }

  /// Somebody whose process is known, and so takes the same lock again.
  private var ben: LockHolder {
    var identity = ProcessIdentity.ben
    identity.boot = "a boot"
    return LockHolder(identity)
  }

  private func fill(_ journal: Journal) async throws {
    let locks = LockStore(journal)
    let web2 = LockScope(path: ["host", "web2"])
    let web4 = LockScope(path: ["host", "web4"])
    // A host that has obeyed no lock yet says 0.
    _ = try await locks.learn([web2: Epoch(seconds: 900, tag: 3).number, web4: 0], above: [])
    _ = try await locks.acquire(request("a", "fleet"))
    try await locks.release("a")
    _ = try await locks.acquire(request("b", "host/web1"))
    _ = try await locks.take([web2], claim: "hand", holder: ben, reason: "its clock")
    _ = try await locks.take([web2], claim: "hand2", holder: ben, reason: "its disk")
    var reset = request("c", "host/web3")
    reset.resetsEpochs = true
    _ = try await locks.acquire(reset)
    var alone = request("d")
    alone.scopes = [.run("d")]
    _ = try await locks.acquire(alone)
    try await journal.addFidelity(run: "b", kind: "k", predicted: 3, matched: 2)
    try await journal.addFidelity(run: "b", kind: "k", predicted: 4, matched: 2)
  }

  @Test(arguments: EveryDatabaseTests.Kind.allCases)
  func `locks that nobody touched fit their records`(kind: EveryDatabaseTests.Kind) async throws {
    let journal = try await journal(kind)
    try await fill(journal)
    #expect(try await journal.verify().problems == [])
  }

  @Test(
    arguments: [
      ("UPDATE scope_epochs SET epoch = epoch + 65536 WHERE scope = 'host/web1'", "the epoch of host/web1 was edited"),
      ("UPDATE scope_epochs SET below = 1 WHERE scope = 'fleet'", "the epoch of fleet was edited"),
      ("DELETE FROM scope_epochs WHERE scope = 'host/web1'", "the epoch of host/web1 was removed"),
      ("INSERT INTO scope_epochs VALUES ('host/web9', 1, 1, 0, 0)", "the epoch of host/web9 was added"),
      ("UPDATE leases SET epoch = epoch + 1 WHERE claim = 'b'", "the audit records disagree on its epoch"),
      ("UPDATE leases SET sticky = 0 WHERE claim = 'hand2'", "whether a person took it"),
      ("UPDATE leases SET holder = replace(holder, '4711', '4712') WHERE claim = 'b'", "its holder"),
      ("DELETE FROM leases WHERE claim = 'hand2' AND scope = 'host/web2'", "what it locks"),
      ("DELETE FROM leases WHERE claim = 'hand2'", "the lock hand2 was removed"),
      ("UPDATE leases SET claim = 'x' WHERE claim = 'd'", "the lock x was added"),
      ("UPDATE fidelity SET matched = 4", "its matched"), ("DELETE FROM fidelity", "was removed"),
    ]
  )
  func `a changed epoch, lease or count is named`(change: (String, String)) async throws {
    let journal = try await journal(.sqlite)
    try await fill(journal)
    try await journal.database.transaction { (session) throws(CallFailure) in
      _ = try await session.query(change.0, [])
    }
    let messages = try await journal.verify().problems.map(\.message)
    #expect(messages.contains { $0.contains(change.1) }, "\(change.0): \(messages)")
  }

  private static let contradicting = [
    "UPDATE scope_epochs SET epoch = epoch + 65536000000 WHERE scope = 'host/web1'",
    "UPDATE scope_epochs SET epoch = epoch - 65536 WHERE scope = 'fleet'",
    "UPDATE scope_epochs SET seq = seq + 1 WHERE scope = 'host/web1'",
    "UPDATE scope_epochs SET seq = 0, epoch = 1 WHERE scope = 'host/web1'",
    "DELETE FROM scope_epochs WHERE scope = 'host/web1'", "DELETE FROM scope_epochs",
    "UPDATE audit SET body = replace(body, '\"epoch\":', '\"epoch\":9') WHERE seq > 1",
  ]

  @Test(arguments: contradicting)
  func `a journal whose damage was accepted gives epochs again, and never lower ones`(change: String) async throws {
    let journal = try await journal(.sqlite)
    try await fill(journal)
    let locks = LockStore(journal)
    let before = try await locks.list().first { $0.claim == "b" }?.epoch ?? .max
    try await locks.release("b")
    try await journal.database.transaction { (session) throws(CallFailure) in _ = try await session.query(change, []) }
    _ = try await journal.accept(reason: "a drill")
    guard case .granted(let grant) = try await locks.acquire(request("e", "host/web1")) else {
      Issue.record("refused")
      return
    }
    #expect(grant.epoch > before)
    #expect(
      !Epoch(grant.epoch).isAbsurd(
        at: try await journal.look { (session) throws(CallFailure) in try await session.now() }
      )
    )
    #expect(try await journal.verify().problems == [])
    // What hosts obeyed is asked before the next grant that no host has answered for.
    #expect(try await locks.unknown(of: [.host("web2")]) == [.host("web2")])
  }

  @Test(arguments: contradicting)
  func `no epoch is handed out that the audit contradicts`(change: String) async throws {
    let journal = try await journal(.sqlite)
    try await fill(journal)
    let locks = LockStore(journal)
    try await locks.release("b")
    try await journal.database.transaction { (session) throws(CallFailure) in _ = try await session.query(change, []) }
    await expectFailure("journal.corrupt", saying: "audit") { () async throws(CallFailure) in
      _ = try await locks.acquire(request("e", "host/web1"))
    }
    #expect(try await locks.list().contains { $0.claim == "e" } == false)
  }
}
