import Foundation
import Foundations
import OpshTesting
import PrimitiveKit
import Synchronization
import Testing

@testable import Checks

/// What a watcher remembers of what was told.
@Suite(.timeLimit(.minutes(1))) struct WatchBookTests {
  @Test func `what the journal kept without saying so is told once, under one id`() async throws {
    let pager = ScriptedNotifier("pager")
    let post = try WatchPost(notifiers: [pager])
    post.set("desk.fill", 97)
    post.outbox.loseAnswers(posts: 1)
    let watching = Task { try await post.watcher().run() }
    await post.pass { post.looks.withLock { $0["desk.fill"] ?? 0 } >= 3 }
    post.set("desk.fill", 10)
    await post.pass { pager.told.contains("resolved") }
    watching.cancel()
    try await watching.value
    #expect(pager.told == ["raised", "resolved"])
    #expect(post.said.contains { $0.contains("nobody can be told yet: the journal does not answer") })
  }

  @Test func `checks of a plugin that cannot be read have not gone`() async throws {
    let pager = ScriptedNotifier("pager")
    let post = try WatchPost(notifiers: [pager])
    let key = Alert.Key("rocky.rejects", "", notifier: "pager")
    var change = AlertChange()
    change.alerts = [Alert(key, seen: .bad, told: .bad, since: 0, toldAt: 0)]
    let lead = try #require(try await post.outbox.taken())
    try await post.outbox.post(change, by: lead)
    await lead.release()
    post.stand.withLock { $0.surroundings.mayHaveMoreChecks = true }
    try await post.watcher(once: true).run()
    #expect(try await post.outbox.alerts().map(\.key) == [key] && pager.told == [])
    post.stand.withLock { $0.surroundings.mayHaveMoreChecks = false }
    try await post.watcher(once: true).run()
    #expect(try await post.outbox.alerts().isEmpty && pager.told == ["gone"])
  }

  @Test func `a check that fails as a whole says that of itself, and not of what it was about`() async throws {
    let stand = Stand()
    let book = WatchBook(stand.surroundings)
    let lead = try #require(try await MemoryOutbox().taken())
    let (one, two) = (Finding.test("desk.fill", "web1", .ok), Finding.test("desk.fill", "web2", .bad))
    let failure = Finding.test("desk.fill", "", .unknown)
    for findings in [[failure], [one, two], [failure], [one, two], [one]] {
      await book.take(findings, of: "desk.fill", lead)
    }
    #expect(
      stand.dialogue.said.map { $0.dropFirst(20) } == [
        "UNKNOWN desk.fill: it does not answer", "BAD desk.fill web2: 97 %; BAD is 80 or more",
        "OK desk.fill: it measures again", "UNKNOWN desk.fill: it does not answer", "OK desk.fill: it measures again",
        "UNKNOWN desk.fill web2: found before, missing now",
      ]
    )
  }

  @Test func `a notifier that two routes call by its two names is told once`() async throws {
    let pager = ScriptedNotifier("desk.page")
    let post = try WatchPost(notifiers: [pager])
    post.set("desk.fill", 97)
    try post.stand.withLock { stand in
      stand.surroundings.notifiers = Notifiers([pager], others: ["page": "desk.page"])
      let routes = ["page", "desk.page"].map { name in
        Value.table(["level": .string("BAD"), "to": .string(name)])
      }
      try stand.site(["routes": .array(routes)])
    }
    try await post.watcher(once: true).run()
    #expect(pager.told == ["raised"] && post.outbox.entries.map(\.notice.notifier) == ["desk.page"])
  }
}
