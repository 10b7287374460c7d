import PrimitiveKit
import Testing

@testable import Rollout

@Test func `the same seed gives the same order, another seed another`() throws {
  #expect(try plan(50, seed: 7) == plan(50, seed: 7))
  #expect(try plan(50, seed: 7).order != plan(50, seed: 8).order)
  #expect(try plan(50, seed: 7).order.sorted() == names(50))
}

@Test func `the order does not depend on how the hosts were listed`() throws {
  let policy = try speed("routine")
  let forward = try RolloutPlan(policy: policy, items: names(20), seed: 3)
  let backward = try RolloutPlan(policy: policy, items: names(20).reversed(), seed: 3)
  #expect(forward == backward)
}

@Test func `a canary goes first`() throws {
  let plan = try RolloutPlan(policy: speed("routine"), items: names(20), canary: "web013", seed: 3)
  #expect(plan.order.first == "web013")
  #expect(plan.order.sorted() == names(20))
}

@Test func `excluded hosts are not rolled and stay in the denominator`() throws {
  let plan = try RolloutPlan(
    policy: speed("routine"),
    items: names(20),
    excluded: ["web002": "being repaired"],
    seed: 3
  )
  #expect(!plan.order.contains("web002"))
  #expect(plan.order.count == 19)
  #expect(plan.total == 20)
}

@Test func `jitter lies between nothing and a minute, and only immediate has it`() throws {
  var seen: Set<Int> = []
  for seed in 1...200 {
    let delays = try plan(178, "immediate", seed: UInt64(seed)).delays
    #expect(delays.allSatisfy { (0...60_000).contains($0) })
    seen.formUnion(delays.map { $0 / 6_000 })
  }
  #expect(seen.isSuperset(of: 0...9))
  #expect(try plan(178, "routine").delays.allSatisfy { $0 == 0 })
  #expect(try plan(178, "fast").delays.allSatisfy { $0 == 0 })
}

@Test(
  arguments: [
    ([], [:], nil, RolloutError.noItems), (["a"], ["a": "down"], nil, .noItems),
    (["a", "b", "a"], [:], nil, .repeatedItem("a")),
    (["a"], [:], "b", .unknownCanary("b")), (["a", "b"], ["b": "down"], "b", .unknownCanary("b")),
  ] as [([String], [String: String], String?, RolloutError)]
)
func `a plan that makes no sense is refused`(
  hosts: [String],
  excluded: [String: String],
  canary: String?,
  expected: RolloutError
) throws {
  let policy = try speed("routine")
  #expect(throws: expected) {
    try RolloutPlan(policy: policy, items: hosts, excluded: excluded, canary: canary, seed: 1)
  }
  #expect(expected.hint != nil)
}

@Test func `the generator gives the published sequence`() {
  var random = SplitMix64(seed: 1_234_567)
  let first = (0..<5).map { _ in random.next() }
  let published: [UInt64] = [
    6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
    16_408_922_859_458_223_821,
  ]
  #expect(first == published)
}
