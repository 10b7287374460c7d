import Foundations
import Testing

/// Counts who is inside at once.
private actor Room {
  private var now = 0
  private(set) var most = 0
  private(set) var total = 0

  func arrive() {
    now += 1
    most = max(most, now)
  }

  func go() {
    now -= 1
    total += 1
  }
}

struct TurnQueueTests {
  @Test func `one at a time goes through, also across an await`() async {
    let turns = TurnQueue()
    let room = Room()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<200 {
        group.addTask {
          await turns.enter()
          await room.arrive()
          await Task.yield()
          await room.go()
          turns.leave()
        }
      }
    }
    #expect(await room.most == 1)
    #expect(await room.total == 200)
  }

  @Test func `a cancelled task gets its turn all the same`() async {
    let turns = TurnQueue()
    await turns.enter()
    let waiting = Task {
      await turns.enter()
      defer { turns.leave() }
      return Task.isCancelled
    }
    waiting.cancel()
    turns.leave()
    #expect(await waiting.value)
  }
}
