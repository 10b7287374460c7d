import Foundation
import Foundations
import OpshTesting
import PrimitiveKit
import Synchronization
import Testing

@testable import Checks

/// `opsh watch` without a journal and without a real second: schedules, notices, take-over.
@Suite(.timeLimit(.minutes(1))) struct WatcherTests {
  @Test func `checks are measured on their own schedules, and what changes is told once`() async throws {
    let pager = ScriptedNotifier("pager")
    let post = try WatchPost(["desk.fill": "1m", "desk.slow": "10m"], notifiers: [pager])
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
    // The clock may run between a measurement and its line.
    let said = post.said.dropFirst().map { $0.dropFirst(20).replacing(/, \d+ s ago/, with: "") }
    #expect(said == ["BAD desk.fill: 97; BAD is 80 or more", "OK desk.fill: 10; OK is less than 50"])
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
    let post = try WatchPost(notifiers: [pager])
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
    let post = try WatchPost(notifiers: [deaf, pager])
    post.set("desk.fill", 97)
    let watching = Task { try await post.watcher().run() }
    await post.pass { pager.told.count == 1 }
    await post.pass { post.said.contains { $0.hasPrefix("notify deaf") } }
    watching.cancel()
    try await watching.value
    #expect(post.said.contains("notify deaf: it did not answer within 10 s; tried again until it is delivered"))
    #expect(post.outbox.entries.filter { $0.deliveredAt == nil }.map(\.notice.notifier) == ["deaf"])
  }

  // It ended with 0 although nobody was told.
  @Test func `a look from cron fails when somebody was not told`() async throws {
    let isDown = Mutex(true)
    let pager = ScriptedNotifier("pager") { _ throws(CallFailure) in
      if isDown.withLock({ $0 }) { throw CallFailure(.failed, code: "x", message: "no network") }
    }
    let post = try WatchPost(notifiers: [pager])
    func look() async -> CallFailure? {
      do {
        try await post.watcher(once: true).run()
        return nil
      } catch {
        return CallFailure(anyError: error)
      }
    }
    post.set("desk.fill", 97)
    let failure = try #require(await look())
    #expect(failure.message == "not delivered: 1 notice to pager: no network")
    #expect(ExitCode(failure: failure) == .failuresWithinBudget)
    isDown.withLock { $0 = false }
    // Its next try is not due yet.
    #expect(await look()?.code == "watch.undelivered")
    post.clock.advance(by: .seconds(10))
    #expect(await look() == nil)
    #expect(pager.told == ["raised"])
    post.set("desk.fill", 10)
    post.outbox.fail(posts: 2)
    #expect(await look()?.message == "the journal does not answer")
    post.outbox.fail(posts: 0)
    post.outbox.loseAnswers(posts: 1)
    #expect(await look()?.message == "what changed of desk.fill is not in the journal: the journal does not answer")
  }

  @Test func `a journal that fails loses nothing`() async throws {
    let pager = ScriptedNotifier("pager")
    let post = try WatchPost(notifiers: [pager])
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
    let first = try WatchPost(outbox: outbox, notifiers: [pager])
    let second = try WatchPost(outbox: outbox, notifiers: [pager])
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
    let post = try WatchPost(notifiers: [ScriptedNotifier("pager")])
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
    let post = try WatchPost(notifiers: [pager])
    post.set("desk.fill", 97)
    try await post.watcher(once: true).run()
    try await post.watcher(once: true).run()
    #expect(pager.told == ["raised"] && post.looks.withLock { $0["desk.fill"] } == 2)
  }

  @Test func `a route that names no check is told of that itself`() async throws {
    let pager = ScriptedNotifier("pager")
    let post = try WatchPost(notifiers: [pager])
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

  @Test func `a look waits for the one that watches, and measures then`() async throws {
    let pager = ScriptedNotifier("pager")
    let post = try WatchPost(notifiers: [pager])
    post.set("desk.fill", 97)
    let other = try #require(try await post.outbox.taken())
    let looking = Task { try await post.watcher(once: true).run() }
    await post.pass { post.said.contains("opsh watch: ben@desk watches; waiting to look") }
    #expect(post.looks.withLock { $0.isEmpty })
    await other.release()
    await post.pass { !pager.told.isEmpty }
    try await looking.value
    #expect(pager.told == ["raised"])
  }

  @Test func `a look that is not let in by the time that a lease ends says so, and fails`() async throws {
    let post = try WatchPost(notifiers: [ScriptedNotifier("pager")])
    _ = try await post.outbox.taken()
    let isOver = Mutex(false)
    let looking = Task {
      defer { isOver.withLock { $0 = true } }
      try await post.watcher(once: true).run()
    }
    await post.pass { isOver.withLock { $0 } }
    let failure = await #expect(throws: CallFailure.self) { try await looking.value }
    #expect(failure?.message == "ben@desk watches; nothing was measured")
    #expect(failure.map { ExitCode(failure: $0) } == .lockRefused)
    #expect(post.looks.withLock { $0.isEmpty } && post.clock.now.offset >= .seconds(60))
  }

  @Test func `a check that no watcher was told of shows in watch age`() async throws {
    let post = try WatchPost(["desk.fill": "1m", "desk.slow": "10m"], notifiers: [ScriptedNotifier("pager")])
    post.stand.withLock { stand in
      stand.surroundings.checks += WatchChecks.all
      stand.surroundings.memory = PretendMemory()
    }
    let own = ["desk.fill", "watch.outbox", "watch.routes"]
    try await post.watcher(once: true, names: own).run()
    let surroundings = post.stand.withLock { $0.surroundings }
    let age = surroundings.checkList.checks.filter { $0.declaration.name == WatchAge.name }
    #expect(
      try await CheckRunner(surroundings).findings(of: age).lines == [
        "UNKNOWN watch.age desk.slow: `opsh watch` has not measured it", "OK watch.age: 0 s; OK is at most 60",
      ]
    )
    try await post.watcher(once: true, names: own + ["desk.slow"]).run()
    #expect(try await CheckRunner(surroundings).findings(of: age).lines == ["OK watch.age: 0 s; OK is at most 60"])
  }

  @Test func `what waits for a notifier that is gone is said, and kept`() async throws {
    let outbox = MemoryOutbox()
    let broken = ScriptedNotifier("old") { _ throws(CallFailure) in throw CallFailure(.failed, code: "x", message: "no")
    }
    let before = try WatchPost(outbox: outbox, notifiers: [broken])
    before.set("desk.fill", 97)
    await #expect(throws: CallFailure.self) { try await before.watcher(once: true).run() }
    let after = try WatchPost(outbox: outbox, notifiers: [ScriptedNotifier("pager")])
    try await after.watcher(once: true).run()
    #expect(after.said.contains("notify old: 1 notice waits, and the site has no such notifier"))
    #expect(outbox.entries.contains { $0.notice.notifier == "old" && $0.deliveredAt == nil })
  }
}
