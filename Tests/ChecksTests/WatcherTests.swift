import Foundation
import Foundations
import OpshTesting
import PrimitiveKit
import Synchronization
import Testing

@testable import Checks

/// `opsh watch` without a journal and without a real second: schedules, notices, take-over.
@Suite(.timeLimit(.minutes(1))) struct WatcherTests {
  /// A watcher under a clock of the test's own.
  final class Post: Sendable {
    let clock = ManualClock()
    let outbox: MemoryOutbox
    let stand: Mutex<Stand>
    let level = Mutex<[String: Double]>([:])
    let looks = Mutex<[String: Int]>([:])

    init(
      _ checks: [String: String] = ["desk.fill": "1m"],
      outbox: MemoryOutbox = MemoryOutbox(),
      notifiers: [any Notifier]
    ) throws {
      self.outbox = outbox
      let clock = clock
      stand = Mutex(
        Stand(clock: clock, now: { Date(timeIntervalSince1970: 1_000_000 + clock.now.offset.seconds) })
      )
      let names = checks.keys.sorted()
      let own = names.map { name in
        Check(CheckDeclaration(name, "It", ok: [.below(50)], bad: [.from(80)])) { [unowned self] _ in
          self.looks.withLock { $0[name, default: 0] += 1 }
          return [Measured(self.level.withLock { $0[name] ?? 10 })]
        }
      }
      try stand.withLock { stand in
        stand.surroundings.checks = own
        stand.surroundings.outbox = outbox
        stand.surroundings.notifiers = Notifiers(notifiers)
        let routes = Value.array([
          .table(["level": .string("BAD"), "to": .array(notifiers.map { .string($0.name) }), "again": .string("1h")])
        ])
        try stand.site([
          "routes": routes, "checks": .table(checks.mapValues { .table(["every": .string($0)]) }),
        ])
      }
    }

    var said: [String] { stand.withLock { $0.dialogue.said } }

    func set(_ name: String, _ value: Double) { level.withLock { $0[name] = value } }

    func watcher(once: Bool = false) -> Watcher {
      let surroundings = stand.withLock { $0.surroundings }
      let checks = surroundings.checkList.checks.filter { !WatchChecks.names.contains($0.declaration.name) }
      return Watcher(surroundings, checks, isOnce: once)
    }

    /// Lets time pass in seconds until the condition holds.
    func pass(until condition: () -> Bool) async {
      while !condition(), !Task.isCancelled {
        clock.advance(by: .seconds(1))
        for _ in 0..<20 { await Task.yield() }
      }
    }
  }

  @Test func `checks are measured on their own schedules, and what changes is told once`() async throws {
    let pager = ScriptedNotifier("pager")
    let post = try Post(["desk.fill": "1m", "desk.slow": "10m"], notifiers: [pager])
    let watching = Task { try await post.watcher().run() }
    await post.pass { post.looks.withLock { $0["desk.fill"] ?? 0 } >= 3 }
    post.set("desk.fill", 97)
    await post.pass { !pager.told.isEmpty }
    await post.pass { post.looks.withLock { $0["desk.fill"] ?? 0 } >= 15 }
    post.set("desk.fill", 10)
    await post.pass { pager.told.count == 2 }
    watching.cancel()
    try await watching.value
    #expect(pager.told == ["raised", "resolved"])
    #expect(post.looks.withLock { (2...3).contains($0["desk.slow"] ?? 0) })
    #expect(post.said.first == "opsh watch: watching 2 checks")
    #expect(
      post.said.dropFirst().map { $0.dropFirst(20) } == [
        "BAD desk.fill: 97; BAD is 80 or more", "OK desk.fill: 10; OK is less than 50",
      ]
    )
    // Nobody holds the lead of one that has ended.
    #expect(post.outbox.leader == nil)
  }

  @Test func `what cannot be delivered is tried again, later and later, in order, and said once`() async throws {
    let isDown = Mutex(true)
    let tries = Mutex(0)
    let pager = ScriptedNotifier("pager") { _ throws(CallFailure) in
      tries.withLock { $0 += 1 }
      if isDown.withLock({ $0 }) { throw CallFailure(.failed, code: "x", message: "no network") }
    }
    let post = try Post(notifiers: [pager])
    post.set("desk.fill", 97)
    let watching = Task { try await post.watcher().run() }
    await post.pass { tries.withLock { $0 } == 1 }
    post.set("desk.fill", 10)
    await post.pass { post.outbox.entries.count == 2 }
    await post.pass { tries.withLock { $0 } >= 6 }
    // 5, 10, 20, 40 and 80 s lie between the first six tries.
    #expect(post.clock.now.offset >= .seconds(155))
    isDown.withLock { $0 = false }
    await post.pass { pager.told.count == 2 }
    watching.cancel()
    try await watching.value
    #expect(pager.told == ["raised", "resolved"])
    #expect(
      post.said.filter { $0.hasPrefix("notify") } == [
        "notify pager: no network; tried again until it is delivered", "notify pager: delivers again",
      ]
    )
  }

  @Test func `a notifier that never answers is stopped and named, and holds up no other`() async throws {
    let (never, end) = AsyncStream.makeStream(of: Void.self)
    defer { end.finish() }
    let deaf = ScriptedNotifier("deaf", deadline: .seconds(10)) { _ in for await _ in never {} }
    let pager = ScriptedNotifier("pager")
    let post = try Post(notifiers: [deaf, pager])
    post.set("desk.fill", 97)
    let watching = Task { try await post.watcher().run() }
    await post.pass { pager.told.count == 1 }
    await post.pass { post.said.contains { $0.hasPrefix("notify deaf") } }
    watching.cancel()
    try await watching.value
    #expect(post.said.contains("notify deaf: it did not answer within 10 s; tried again until it is delivered"))
    #expect(post.outbox.entries.filter { $0.deliveredAt == nil }.map(\.notice.notifier) == ["deaf"])
  }

  @Test func `a journal that fails loses nothing`() async throws {
    let pager = ScriptedNotifier("pager")
    let post = try Post(notifiers: [pager])
    post.set("desk.fill", 97)
    // One for what was told before, the others for what is found.
    post.outbox.fail(posts: 4)
    let watching = Task { try await post.watcher().run() }
    await post.pass { pager.told.count == 1 }
    watching.cancel()
    try await watching.value
    #expect(pager.told == ["raised"])
    #expect(post.said.contains { $0.contains("the journal does not answer") })
  }

  @Test func `one of two watches, and the other takes over without telling anything twice`() async throws {
    let pager = ScriptedNotifier("pager")
    let outbox = MemoryOutbox()
    let first = try Post(outbox: outbox, notifiers: [pager])
    let second = try Post(outbox: outbox, notifiers: [pager])
    for post in [first, second] { post.set("desk.fill", 97) }
    let one = Task { try await first.watcher().run() }
    await first.pass { pager.told.count == 1 }
    let other = Task { try await second.watcher().run() }
    await second.pass { second.said.contains("opsh watch: ben@desk watches; waiting to take over") }
    #expect(second.looks.withLock { $0.isEmpty })
    one.cancel()
    try await one.value
    await second.pass { second.looks.withLock { $0["desk.fill"] ?? 0 } >= 2 }
    second.set("desk.fill", 10)
    await second.pass { pager.told.count == 2 }
    other.cancel()
    try await other.value
    #expect(pager.told == ["raised", "resolved"])
  }

  @Test func `one that lost its lead measures no more until it has it again`() async throws {
    let post = try Post(notifiers: [ScriptedNotifier("pager")])
    let watching = Task { try await post.watcher().run() }
    await post.pass { post.looks.withLock { $0["desk.fill"] ?? 0 } >= 1 }
    post.outbox.depose()
    await post.pass { post.said.count { $0 == "opsh watch: watching 1 check" } == 2 }
    watching.cancel()
    try await watching.value
    #expect(post.said.contains("opsh watch: somebody else watches by now, or the journal does not answer"))
  }

  @Test func `a look from cron measures once, tries once and ends`() async throws {
    let pager = ScriptedNotifier("pager")
    let post = try Post(notifiers: [pager])
    post.set("desk.fill", 97)
    try await post.watcher(once: true).run()
    try await post.watcher(once: true).run()
    #expect(pager.told == ["raised"] && post.looks.withLock { $0["desk.fill"] } == 2)
  }

  @Test func `a route that names no check is told of that itself`() async throws {
    let pager = ScriptedNotifier("pager")
    let post = try Post(notifiers: [pager])
    let watcher = try post.stand.withLock { stand in
      stand.surroundings.checks += WatchChecks.all
      let fields: [String: Value] = [
        "level": .string("BAD"), "check": .string("dsek.*"), "to": .string("pager"), "unknown": .bool(false),
      ]
      try stand.site(["routes": .array([.table(fields)])])
      return Watcher(stand.surroundings, [JudgedCheck(WatchChecks.routes)], isOnce: true)
    }
    try await watcher.run()
    #expect(pager.told == ["raised"])
    #expect(post.outbox.entries.map(\.notice.line) == ["watch.routes "])
  }

  @Test func `what waits for a notifier that is gone is said, and kept`() async throws {
    let outbox = MemoryOutbox()
    let broken = ScriptedNotifier("old") { _ throws(CallFailure) in throw CallFailure(.failed, code: "x", message: "no")
    }
    let before = try Post(outbox: outbox, notifiers: [broken])
    before.set("desk.fill", 97)
    try await before.watcher(once: true).run()
    let after = try Post(outbox: outbox, notifiers: [ScriptedNotifier("pager")])
    try await after.watcher(once: true).run()
    #expect(after.said.contains("notify old: 1 notice waits, and the site has no such notifier"))
    #expect(outbox.entries.contains { $0.notice.notifier == "old" && $0.deliveredAt == nil })
  }
}

/// What the watcher says of itself.
struct WatchChecksTests {
  final class Kept: CheckMemory {
    let at: Double?
    init(_ at: Double?) { self.at = at }
    func samples(of check: String) async throws(CallFailure) -> [CheckSample] {
      at.map { [CheckSample(check, "", CheckReading(1, at: $0))] } ?? []
    }
    func keep(_ samples: [CheckSample]) async throws(CallFailure) {}
  }

  private func level(_ at: Double?) async throws -> [String] {
    var stand = Stand(WatchChecks.all)
    try stand.site(["routes": .array([.table(["level": .string("BAD"), "to": .string("pager")])])])
    stand.surroundings.memory = Kept(at)
    return try await stand.findings().filter { $0.check == "watch.age" }.map(\.level.rawValue)
  }

  // It is second 1000.
  @Test(
    arguments: [
      (940.0, "OK"), (939, "WARN"), (700, "WARN"), (699, "BAD"), (nil, "UNKNOWN"), (1006, "UNKNOWN"), (1004, "OK"),
    ] as [(Double?, String)]
  )
  func `a watcher that is silent is BAD, one that never ran UNKNOWN`(at: Double?, expected: String) async throws {
    #expect(try await level(at) == [expected])
  }

  @Test func `a notice that is not delivered for long is BAD`() async throws {
    var stand = Stand(WatchChecks.all)
    try stand.site(["routes": .array([.table(["level": .string("BAD"), "to": .string("pager")])])])
    let outbox = MemoryOutbox()
    stand.surroundings.outbox = outbox
    #expect(try await stand.findings().first { $0.check == "watch.outbox" }?.level == .ok)
    guard case .leads(let lead) = try await outbox.lead() else { return #expect(Bool(false)) }
    var change = AlertChange()
    change.notices = [Notice(id: "1", notifier: "pager", line: "a", event: .table([:]), madeAt: -2_000_000)]
    try await outbox.post(change, by: lead)
    let finding = try await stand.findings().first { $0.check == "watch.outbox" }
    #expect(finding?.level == .bad && finding?.value == 3000)
  }
}

/// The unit that systemd runs.
struct WatchUnitTests {
  private func unit(names: [String] = [], site: String? = "/etc/it/site.lua") -> WatchUnit {
    WatchUnit(
      names: names,
      site: site,
      program: "/opt/my tools/opsh",
      environment: ["XDG_STATE_HOME": "/var/100%", "HOME": "/root", "SSH_AUTH_SOCK": #"/run/a"b\c$d"#],
      directory: "/srv/it"
    )
  }

  @Test func `words are quoted as systemd reads them`() throws {
    let text = try unit(names: ["host.*", "a$b%c"]).text
    #expect(
      text.contains(#"ExecStart="/opt/my tools/opsh" "--site" "/etc/it/site.lua" "watch" "host.*" "a$$b%%c""# + "\n")
    )
    #expect(text.contains(#"Environment="SSH_AUTH_SOCK=/run/a\"b\\c$d""# + "\n"))
    #expect(text.contains(#"Environment="XDG_STATE_HOME=/var/100%%""# + "\n"))
    #expect(text.contains("\nWorkingDirectory=/srv/it\n") && !text.contains("HOME=/root"))
  }

  @Test func `a relative site is named from the root, and none is an error`() throws {
    #expect(try unit(site: "site.lua").text.contains(#""--site" "/srv/it/site.lua""#))
    let failure = #expect(throws: CallFailure.self) { try unit(site: nil).text }
    #expect(failure?.code == "site.missing")
  }
}
