import Foundation
import PrimitiveKit
import Testing

struct LockScopeTests {
  @Test(arguments: ["fleet", "host/web1", "environment/demo/system/rocky"])
  func `a scope reads as it is written`(_ text: String) {
    #expect(LockScope(text)?.description == text)
  }

  @Test(arguments: ["", "host", "host/", "/web1", "host/web 1", "host/web*", "a/b/c", "host/\u{7}", "fleet/x"])
  func `what is no scope is none`(_ text: String) {
    // `fleet/x` is a pair of words like any other.
    #expect((LockScope(text) == nil) == (text != "fleet/x"))
  }

  @Test func `a lock holds intents on everything above it`() {
    let scope = LockScope(path: ["environment", "demo", "host", "web1"])
    #expect(
      scope.intents == [
        LockScope(path: [], mode: .intentExclusive), LockScope(path: ["environment", "demo"], mode: .intentExclusive),
      ]
    )
    #expect(LockScope(path: ["host", "web1"], mode: .shared).intents == [LockScope(path: [], mode: .intentShared)])
    #expect(LockScope(path: []).intents.isEmpty)
  }

  @Test(arguments: [
    ("fleet", true), ("host/web1", true), ("environment/demo", true), ("host/web2", false),
    ("environment/other", false),
    ("run/r1", false),
  ]) func `a change is covered by a lock on it and by one on what it is part of`(_ held: String, _ isCovered: Bool)
    throws
  {
    let cover = ScopeCover { _ in [LockScope(path: ["environment", "demo"], mode: .intentExclusive)] }
    let scope = LockScope(path: ["host", "web1"])
    let lock = try #require(LockScope(held))
    #expect(cover.covers(scope, by: [lock]) == isCovered)
    // Who only relies on it, or changes something else below, may not change it.
    for mode in [LockScope.Mode.shared, .intentExclusive, .intentShared] {
      #expect(!cover.covers(scope, by: [LockScope(path: lock.path, mode: mode)]))
    }
    let shared = LockScope(path: ["host", "web1"], mode: .shared)
    #expect(cover.covers(shared, by: [LockScope(path: lock.path, mode: .shared)]) == isCovered)
  }

  @Test func `a run's hold on itself is part of nothing`() {
    #expect(LockScope.run("r1").intents.isEmpty)
    #expect("\(LockScope.run("r1"))" == "run/r1")
  }

  @Test func `modes exclude each other both ways alike`() {
    for one in LockScope.Mode.allCases {
      for other in LockScope.Mode.allCases { #expect(one.permits(other) == other.permits(one)) }
    }
    #expect(LockScope.Mode.shared.permits(.shared))
    #expect(LockScope.Mode.intentExclusive.permits(.intentExclusive))
    #expect(!LockScope.Mode.shared.permits(.intentExclusive))
    #expect(!LockScope.Mode.exclusive.permits(.intentShared))
  }
}

struct RunIDTests {
  @Test func `ids sort by time and differ by seed`() {
    let early = RunID.make(seed: 1, now: .init(timeIntervalSince1970: 1_800_000_000))
    let late = RunID.make(seed: 0, now: .init(timeIntervalSince1970: 1_800_000_001))
    #expect(early == "20270115-080000-00000001")
    #expect(early < late)
  }
}
