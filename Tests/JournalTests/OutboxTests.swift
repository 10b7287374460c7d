import Synchronization
import Testing

@testable import Journal
@testable import PrimitiveKit

/// What is to be told is kept until it was told, on each database that keeps a journal.
struct OutboxTests {
  let scratch = JournalScratch()

  /// Two processes that share a journal; the first one leads.
  private func pair(_ kind: EveryDatabaseTests.Kind) async throws -> (Journal, Journal, String) {
    let databases = try await EveryDatabaseTests.databases(kind, scratch)
    let first = try await Journal.open(databases[0], identity: .anna, anchor: scratch.anchor)
    let second = try await Journal.open(databases[1], identity: .ben, anchor: scratch.anchor)
    try await first.openOutbox()
    let request = LockRequest(
      scopes: [LockScope(path: ["run", "watch"])],
      claim: "watch.anna",
      holder: LockHolder(.anna),
      duration: .seconds(3600)
    )
    guard case .granted = try await LockStore(first).acquire(request) else {
      throw CallFailure(.defect, code: "test", message: "the lead was not given")
    }
    return (first, second, request.claim)
  }

  private func change(_ notices: [(String, String)], to notifier: String = "pager", at time: Int64 = 100) -> AlertChange
  {
    var change = AlertChange()
    change.notices = notices.map { id, line in
      Notice(
        id: id,
        notifier: notifier,
        line: line,
        event: .table(["id": .string(id), "value": .int(97), "share": .number(0.5)]),
        madeAt: time
      )
    }
    return change
  }

  private func claim(
    _ journal: Journal,
    _ lead: String,
    at now: Int64 = 1000,
    until end: Int64 = 2000,
    limit: Int = 10
  ) async throws -> [String] {
    try await journal.claimNotices(for: "pager", at: now, until: end, limit: limit, claim: lead).map(\.notice.id)
  }

  @Test(arguments: EveryDatabaseTests.Kind.allCases)
  func `a notice comes out as it went in, and of each line the oldest first`(kind: EveryDatabaseTests.Kind) async throws
  {
    let (first, _, lead) = try await pair(kind)
    let posted = change([("a1", "disk web1"), ("b1", "disk web2"), ("a2", "disk web1")])
    try await first.post(posted, claim: lead)
    try await first.post(change([("c1", "disk web1")], to: "mail"), claim: lead)
    let claimed = try await first.claimNotices(for: "pager", at: 1000, until: 2000, limit: 10, claim: lead)
    #expect(claimed.map(\.notice) == Array(posted.notices.prefix(2)) && claimed.map(\.attempts) == [0, 0])
    #expect(try await claim(first, lead) == [])
    try await first.noticeDelivered("a1", at: 1500)
    #expect(try await claim(first, lead) == ["a2"])
  }

  @Test(arguments: EveryDatabaseTests.Kind.allCases)
  func `one that is not delivered is tried again when it is due, and holds back only its own line`(
    kind: EveryDatabaseTests.Kind
  ) async throws {
    let (first, second, lead) = try await pair(kind)
    try await first.post(change([("a1", "a"), ("a2", "a"), ("b1", "b")]), claim: lead)
    #expect(try await claim(first, lead) == ["a1", "b1"])
    try await first.noticeUndelivered("a1", why: "no network", until: 5000)
    #expect(try await claim(first, lead, at: 4999) == ["b1"])
    let backlog = try await second.backlog()
    #expect(backlog == Backlog(waiting: ["pager": 3], oldest: ["pager": 100], problem: "no network"))
    #expect(try await second.hasOutbox())
    let again = try await first.claimNotices(for: "pager", at: 5000, until: 6000, limit: 1, claim: lead)
    #expect(again.map(\.notice.id) == ["a1"] && again.map(\.attempts) == [1])
  }

  @Test(arguments: EveryDatabaseTests.Kind.allCases)
  func `whoever is killed while sending leaves the notice to be sent again, never lost`(
    kind: EveryDatabaseTests.Kind
  ) async throws {
    let (first, second, lead) = try await pair(kind)
    try await first.post(change([("a1", "a")]), claim: lead)
    #expect(try await claim(first, lead, at: 1000, until: 2000) == ["a1"])
    #expect(try await claim(second, lead, at: 1999) == [])
    #expect(try await claim(second, lead, at: 2000, until: 3000) == ["a1"])
    // The first one was only slow: what it delivered is delivered.
    try await first.noticeDelivered("a1", at: 2100)
    try await second.noticeUndelivered("a1", why: "late", until: 0)
    #expect(try await claim(second, lead, at: 9000) == [])
    #expect(try await second.backlog() == Backlog(waiting: [:], oldest: [:], problem: ""))
  }

  @Test(arguments: EveryDatabaseTests.Kind.allCases)
  func `what a process that is gone was sending is free at once`(kind: EveryDatabaseTests.Kind) async throws {
    let (first, second, lead) = try await pair(kind)
    try await first.post(change([("a1", "a")]), claim: lead)
    var gone = ProcessIdentity.current(version: "test", digest: "")
    // A process of this machine and boot that no longer is: its number has another start by now.
    gone.startTicks += 1
    let dead = try await Journal.open(first.database, identity: gone, anchor: scratch.anchor)
    #expect(try await claim(dead, lead, until: 1_000_000) == ["a1"])
    #expect(try await claim(second, lead, at: 1001) == [])
    try await second.openOutbox()
    #expect(try await claim(second, lead, at: 1002) == ["a1"])
  }

  @Test(arguments: EveryDatabaseTests.Kind.allCases)
  func `without the lead nothing is told and nothing is sent`(kind: EveryDatabaseTests.Kind) async throws {
    let (first, second, lead) = try await pair(kind)
    try await first.post(change([("a1", "a")]), claim: lead)
    let posted = change([("b1", "b")])
    #expect(
      await code { () async throws(CallFailure) in try await second.post(posted, claim: "watch.ben") } == "lock.lost"
    )
    try await LockStore(first).release(lead)
    #expect(await code { () async throws(CallFailure) in try await first.post(posted, claim: lead) } == "lock.lost")
    let failure = await #expect(throws: CallFailure.self) { try await claim(first, lead) }
    #expect(failure?.code == "lock.lost")
    #expect(try await second.backlog().waiting == ["pager": 1])
  }

  @Test(arguments: EveryDatabaseTests.Kind.allCases)
  func `alerts are kept with the notices that go with them, or neither`(kind: EveryDatabaseTests.Kind) async throws {
    let (first, second, lead) = try await pair(kind)
    let key = Alert.Key("host.disk", "web1", notifier: "pager")
    let alert = Alert(key, seen: .bad, told: .warn, since: 5, toldAt: 7, changes: [5, 6], isFlapping: true)
    var posted = change([("a1", "a")])
    posted.alerts = [alert]
    try await first.post(posted, claim: lead)
    try await first.post(posted, claim: lead)
    #expect(try await second.alerts() == [alert])
    #expect(try await second.backlog().waiting == ["pager": 1])
    posted.alerts = []
    posted.ended = [key]
    #expect(
      await code { () async throws(CallFailure) in try await second.post(posted, claim: "nobody") } == "lock.lost"
    )
    #expect(try await second.alerts() == [alert])
    try await first.post(posted, claim: lead)
    #expect(try await second.alerts().isEmpty)
    #expect(try await first.verify().isIntact)
  }

  @Test(arguments: EveryDatabaseTests.Kind.allCases)
  func `one that is too late to say that it failed does not free what another one sends`(
    kind: EveryDatabaseTests.Kind
  ) async throws {
    let (first, second, lead) = try await pair(kind)
    try await first.post(change([("a1", "a")]), claim: lead)
    #expect(try await claim(first, lead, at: 1000, until: 2000) == ["a1"])
    #expect(try await claim(second, lead, at: 2000, until: 3000) == ["a1"])
    try await first.noticeUndelivered("a1", why: "late", until: 0)
    #expect(try await claim(first, lead, at: 2500) == [])
    #expect(try await second.backlog().problem == "")
    try await second.noticeUndelivered("a1", why: "no network", until: 2400)
    #expect(try await claim(first, lead, at: 2500, until: 3500) == ["a1"])
  }

  @Test(arguments: EveryDatabaseTests.Kind.allCases)
  func `a clock that is set back holds back no notice`(kind: EveryDatabaseTests.Kind) async throws {
    let (first, second, lead) = try await pair(kind)
    let day: Int64 = 86_400_000
    try await first.post(change([("a1", "a")], at: day), claim: lead)
    #expect(try await claim(first, lead, at: 1000, until: day) == ["a1"])
    // Whoever was to send it did so by a clock that was a day ahead, and then again it is put off by that clock.
    #expect(try await claim(second, lead, at: 2000, until: 3000) == ["a1"])
    try await second.noticeUndelivered("a1", why: "no network", until: day)
    #expect(try await claim(second, lead, at: 3000, until: 4000) == ["a1"])
    try await second.noticeUndelivered("a1", why: "no network", until: 600_000)
    #expect(try await claim(second, lead, at: 599_999) == [])
  }

  @Test func `what was delivered is forgotten after a week`() async throws {
    let (first, _, lead) = try await pair(.sqlite)
    try await first.post(change([("a1", "a")]), claim: lead)
    try await first.noticeDelivered("a1", at: scratch.time.withLock { $0 })
    scratch.advance(by: 3_500_000)
    try await first.post(change([("a1", "a")]), claim: lead)
    #expect(try await first.backlog().waiting.isEmpty)
    scratch.advance(by: 50_000)
    try await LockStore(first).renewForTest(lead)
    scratch.advance(by: 7 * 86_400_000)
    try await LockStore(first).renewForTest(lead)
    try await first.post(change([("b1", "b")]), claim: lead)
    let left = try await first.database.reading { (session) throws(CallFailure) in
      try await session.query("SELECT id FROM outbox", []).compactMap { $0.first?.text }
    }
    #expect(left == ["b1"])
  }

  @Test func `a journal of its own size is moved with what waits in it`() async throws {
    let (first, _, lead) = try await pair(.sqlite)
    try await first.post(change([("a1", "a")]), claim: lead)
    #expect(try await JournalTables(of: first.database)["outbox"]?.key == ["id"])
    #expect(try await JournalTables(of: first.database)["alerts"]?.key == ["check_name", "subject", "notifier"])
  }
}

extension LockStore {
  /// Takes the lead anew, whatever became of it.
  fileprivate func renewForTest(_ claim: String) async throws(CallFailure) {
    let request = LockRequest(
      scopes: [LockScope(path: ["run", "watch"])],
      claim: claim,
      holder: LockHolder(.anna),
      duration: .seconds(3600)
    )
    _ = try await acquire(request)
  }
}
