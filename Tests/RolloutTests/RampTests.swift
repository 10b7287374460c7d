import Testing

@testable import Rollout

@Test(
  arguments: [
    ("routine", [1, 2, 2, 4, 4, 4, 4, 5, 5]), ("fast", [1, 2, 2, 4, 4, 4, 4, 8, 8]),
    ("immediate", [Int](repeating: 178, count: 9)),
  ])
func `the window doubles with successes up to the speed's own`(name: String, windows: [Int]) throws {
  let policy = try speed(name)
  #expect((0...8).map { policy.window(successes: $0, items: 178) } == windows)
}

@Test func `fast reaches ten hosts at fifteen successes and stays there`() throws {
  let policy = try speed("fast")
  #expect([14, 15, 100].map { policy.window(successes: $0, items: 178) } == [8, 10, 10])
}

@Test func `the window is never larger than the fleet`() throws {
  #expect(try speed("fast").window(successes: 50, items: 3) == 3)
  #expect(try speed("immediate").window(successes: 0, items: 3) == 3)
}

@Test func `the error budget ramps 0, 0, 1, 2, 5 and is whole once the window is full`() throws {
  let fast = try speed("fast")
  #expect([0, 1, 3, 7, 14, 15].map { fast.errorBudget(successes: $0, items: 178) } == [0, 0, 1, 2, 4, 17])
  let routine = try speed("routine")
  #expect([0, 2, 3, 6, 7].map { routine.errorBudget(successes: $0, items: 178) } == [0, 0, 1, 2, 17])
}

@Test func `immediate has no budget at all`() throws {
  let policy = try speed("immediate")
  #expect(policy.errorBudget(successes: 0, items: 178) == nil)
  #expect(policy.unreachableBudget(items: 178) == nil)
  #expect(policy.nextGate(after: 0, items: 178) == nil)
}

@Test(arguments: [(3, 2), (178, 2), (250, 2), (299, 2), (300, 3), (1000, 10)])
func `two hosts, or one in a hundred, may be unreachable`(hosts: Int, budget: Int) throws {
  #expect(try speed("routine").unreachableBudget(items: hosts) == budget)
}

@Test(arguments: [
  (178, [1, 18, 36, 54, 72, 89, 107, 125, 143, 161, 178]), (30, [1, 3, 6, 9]), (3, [1, 2, 3]), (1, [1, 2]),
])
func `gates fall due after one host and after every tenth`(hosts: Int, marks: [Int]) throws {
  let policy = try speed("routine")
  var seen = 0
  for mark in marks {
    #expect(policy.nextGate(after: seen, items: hosts) == mark)
    seen = mark
  }
}

@Test(
  arguments: [
    ("routine", 178, 17, 18, 22, 66, 1), ("fast", 178, 17, 18, 27, 81, 1), ("routine", 3, 0, 1, 2, 6, 1),
    ("routine", 1, 0, 1, 1, 3, 1), ("fast", 6, 0, 1, 3, 9, 1),
  ])
func `the worst case is told in hosts and bots`(
  name: String,
  hosts: Int,
  tolerated: Int,
  stopsAt: Int,
  hurt: Int,
  bots: Int,
  badRelease: Int
) throws {
  let worst = try speed(name).worstCase(items: hosts, botsPerHost: 3)
  #expect(worst.tolerated == tolerated)
  #expect(worst.stopsAt == stopsAt)
  #expect(worst.hosts == hurt)
  #expect(worst.bots == bots)
  #expect(worst.badReleaseHosts == badRelease)
}

@Test func `the worst case of immediate is the whole fleet`() throws {
  let worst = try speed("immediate").worstCase(items: 178, botsPerHost: 3)
  #expect(worst.tolerated == nil)
  #expect(worst.hosts == 178)
  #expect(worst.bots == 534)
  #expect(worst.badReleaseBots == 534)
}
