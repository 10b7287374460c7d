import Foundation
import Foundations
import OpshTesting
import PrimitiveKit
import Synchronization

@testable import Checks

/// A watcher under a clock of the test's own.
final class WatchPost: Sendable {
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

  /// `names` are those that it watches; nil is all but its own.
  func watcher(once: Bool = false, names: [String]? = nil) -> Watcher {
    let surroundings = stand.withLock { $0.surroundings }
    let checks = surroundings.checkList.checks.filter { check in
      let name = check.declaration.name
      return names?.contains(name) ?? !WatchChecks.names.contains(name)
    }
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
