import EventLoop
import Glibc
import Synchronization
import Testing

struct EventLoopTests {
  /// An actor whose state belongs to a loop's thread.
  private actor Pinned {
    let loop: EventLoop
    private(set) var count = 0
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(_ loop: EventLoop) { self.loop = loop }

    func add() -> Bool {
      count += 1
      return loop.isCurrent
    }
  }

  /// Two connected sockets.
  private func sockets() -> (Int32, Int32) {
    var pair: [Int32] = [0, 0]
    socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair)
    return (pair[0], pair[1])
  }

  @Test func `a pinned actor runs on its loop from wherever it is called`() async {
    let loop = EventLoop(name: "pinned")
    defer { loop.stop() }
    let actor = Pinned(loop)
    let wasOnLoop = await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<1000 { group.addTask { await actor.add() } }
      return await group.allSatisfy { $0 }
    }
    #expect(wasOnLoop)
    #expect(await actor.count == 1000)
    #expect(!loop.isCurrent)
  }

  @Test func `a loop without a descriptor runs jobs and timers, and watches nothing`() async {
    let loop = EventLoop(name: "bare", watches: false)
    defer { loop.stop() }
    let actor = Pinned(loop)
    for _ in 0..<100 { #expect(await actor.add()) }
    let begin = MonotonicTime.now
    await loop.sleep(for: .milliseconds(20))
    #expect(MonotonicTime.now - begin >= .milliseconds(20))
    let (left, right) = sockets()
    #expect(await loop.wait(left, for: .writable) == .closed)
    close(left)
    close(right)
  }

  @Test func `a task that prefers a loop is on its thread before and after a wait`() async {
    let loop = EventLoop(name: "preferred")
    defer { loop.stop() }
    let wasOnLoop = await withTaskExecutorPreference(loop) { await isOnLoopAroundWait(loop) }
    #expect(wasOnLoop == [true, true])
    #expect(!loop.isCurrent)
  }

  @concurrent private func isOnLoopAroundWait(_ loop: EventLoop) async -> [Bool] {
    let before = loop.isCurrent
    await loop.sleep(for: .milliseconds(1))
    return [before, loop.isCurrent]
  }

  @Test func `a callback may use the state of an actor pinned to its loop`() async {
    let loop = EventLoop(name: "callback")
    defer { loop.stop() }
    let actor = Pinned(loop)
    await withCheckedContinuation { continuation in
      loop.schedule(after: .zero) {
        actor.assumeIsolated { _ = $0.add() }
        continuation.resume()
      }
    }
    #expect(await actor.count == 1)
  }

  @Test func `timers run in the order of their times, and a cancelled one not at all`() async {
    let loop = EventLoop(name: "timers")
    defer { loop.stop() }
    let order = Mutex<[Int]>([])
    await withCheckedContinuation { continuation in
      loop.schedule(after: .milliseconds(30)) { order.withLock { $0.append(3) } }
      loop.schedule(after: .milliseconds(10)) { order.withLock { $0.append(1) } }
      let cancelled = loop.schedule(after: .milliseconds(20)) { order.withLock { $0.append(2) } }
      loop.cancel(cancelled)
      loop.schedule(after: .milliseconds(40)) { continuation.resume() }
    }
    #expect(order.withLock { $0 } == [1, 3])
  }

  @Test func `a sleeper wakes after its delay, not before`() async {
    let loop = EventLoop(name: "sleep")
    defer { loop.stop() }
    let begin = MonotonicTime.now
    await loop.sleep(for: .milliseconds(30))
    #expect(MonotonicTime.now - begin >= .milliseconds(30))
  }

  @Test func `a cancelled sleeper wakes at once`() async {
    let loop = EventLoop(name: "cancel")
    defer { loop.stop() }
    let clock = ContinuousClock()
    let start = clock.now
    let task = Task { await loop.sleep(for: .seconds(3600)) }
    task.cancel()
    await task.value
    #expect(clock.now - start < .seconds(600))
  }

  @Test func `waiting ends when bytes come`() async {
    let loop = EventLoop(name: "read")
    defer { loop.stop() }
    let (near, far) = sockets()
    defer {
      close(near)
      close(far)
    }
    async let readiness = loop.wait(near, for: .readable, atMost: .seconds(30))
    _ = write(far, "x", 1)
    #expect(await readiness == .readable)
  }

  @Test func `waiting for nothing ends with its time`() async {
    let loop = EventLoop(name: "limit")
    defer { loop.stop() }
    let (near, far) = sockets()
    defer {
      close(near)
      close(far)
    }
    #expect(await loop.wait(near, for: .readable, atMost: .milliseconds(20)) == [])
  }

  @Test func `a peer that hangs up is reported`() async {
    let loop = EventLoop(name: "hangup")
    defer { loop.stop() }
    let (near, far) = sockets()
    defer { close(near) }
    close(far)
    #expect(await loop.wait(near, for: [.readable, .closed], atMost: .seconds(30)).contains(.closed))
  }

  @Test func `a descriptor that cannot be watched counts as closed`() async {
    let loop = EventLoop(name: "invalid")
    defer { loop.stop() }
    #expect(await loop.wait(-1, for: .readable) == .closed)
  }

  @Test func `one key always has the same loop`() {
    let group = EventLoopGroup(count: 3)
    defer { group.stop() }
    #expect(group.loop(for: "web1") === group.loop(for: "web1"))
    #expect(group.next() !== group.next())
  }
}
