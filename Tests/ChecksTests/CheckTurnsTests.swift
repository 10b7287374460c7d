import OpshTesting
import PrimitiveKit
import Synchronization
import Testing

@testable import Checks

/// Checks do not hold up each other, whatever one of them does.
struct CheckTurnsTests {
  // A check of another plugin that looped for 5 s made this one UNKNOWN after 2 s, and this one was named.
  @Test func `while code of others keeps the thread, the time of a check does not pass`() async throws {
    let clock = ManualClock()
    let held = Mutex(Duration.zero)
    let declaration = CheckDeclaration("bb.fine", "It", ok: [.below(5)], deadline: .seconds(2))
    let (never, end) = AsyncStream.makeStream(of: Void.self)
    defer { end.finish() }
    let check = Check(
      declaration,
      origin: { "plugin 'bb', bb/init.lua:1" },
      keptByOthers: { ["aa": held.withLock { $0 }, "": .milliseconds(1)] }
    ) { _ in
      for await _ in never {}
      return []
    }
    let stand = Stand([check], clock: clock)
    let work = Task { try await stand.findings() }
    await clock.sleepers(atLeast: 1)
    held.withLock { $0 = .seconds(5) }
    clock.advance(by: .seconds(2))
    await clock.sleepers(atLeast: 1)
    clock.advance(by: .seconds(4))
    for _ in 0..<100 { await Task.yield() }
    let isOver = Mutex(false)
    let watch = Task {
      _ = try await work.value; isOver.withLock { $0 = true }
    }
    for _ in 0..<100 { await Task.yield() }
    #expect(!isOver.withLock { $0 })
    clock.advance(by: .seconds(1))
    try await watch.value
    #expect(
      try await work.value.map(\.note) == [
        "no answer within 2 s from plugin 'bb', bb/init.lua:1; meanwhile plugin 'aa' kept the Lua thread for 5 s"
      ]
    )
  }

  // 16 checks of one plugin that hung for 10 min kept every other from being measured.
  @Test func `checks that hang hold up no other plugin, and their own for half a minute`() async throws {
    let clock = ManualClock()
    let (never, end) = AsyncStream.makeStream(of: Void.self)
    defer { end.finish() }
    let looked = Mutex<Set<String>>([])
    let hanging = (1...CheckRunner.limit).map { number in
      Check(CheckDeclaration("a.hangs\(number)", "It", ok: [.below(5)], deadline: .seconds(600))) { _ in
        for await _ in never {}
        return []
      }
    }
    let fine = ["a.last", "b.fine"].map { name in
      Check(CheckDeclaration(name, "It", ok: [.below(5)])) { _ in
        looked.withLock { _ = $0.insert(name) }
        return [Measured(1)]
      }
    }
    func wait(for name: String) async -> Bool {
      for _ in 0..<10_000 where !looked.withLock({ $0.contains(name) }) { await Task.yield() }
      return looked.withLock { $0.contains(name) }
    }
    let stand = Stand(hanging + fine, clock: clock)
    let work = Task { try await stand.findings() }
    #expect(await wait(for: "b.fine"))
    await clock.sleepers(atLeast: CheckRunner.limit)
    #expect(!looked.withLock { $0.contains("a.last") })
    clock.advance(by: .seconds(30))
    #expect(await wait(for: "a.last"))
    await clock.sleepers(atLeast: CheckRunner.limit)
    clock.advance(by: .seconds(570))
    #expect(try await work.value.map(\.level).count { $0 == .unknown } == CheckRunner.limit)
  }

  @Test func `a check that the others keep waiting for ever is told in the end`() async throws {
    let clock = ManualClock()
    let asked = Mutex(0)
    let declaration = CheckDeclaration("bb.fine", "It", ok: [.below(5)], deadline: .seconds(2))
    let (never, end) = AsyncStream.makeStream(of: Void.self)
    defer { end.finish() }
    let check = Check(
      declaration,
      keptByOthers: {
        [
          "": .seconds(
            asked.withLock {
              $0 += 20; return $0
            }
          )
        ]
      }
    ) { _ in
      for await _ in never {}
      return []
    }
    let stand = Stand([check], clock: clock)
    let work = Task { try await stand.findings() }
    for seconds in [2, 20, 10] {
      await clock.sleepers(atLeast: 1)
      clock.advance(by: .seconds(seconds))
    }
    let note = try await work.value.first?.note
    #expect(
      note == "no answer within 2 s; meanwhile a script of this session kept the Lua thread for 60 s",
      "\(note ?? "")"
    )
  }
}
