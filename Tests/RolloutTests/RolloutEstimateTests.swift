import Testing

@testable import Rollout

@Test(arguments: [("routine", "~15-30 min"), ("fast", "~8-15 min"), ("immediate", "fires over ~60s")])
func `the whole fleet's estimate is the guide's`(name: String, text: String) throws {
  let estimate = RolloutEstimate(policy: try speed(name), items: 178)
  #expect(estimate.text == text)
  #expect(!estimate.isMeasured)
}

@Test(arguments: [(1, 1), (3, 2), (7, 3), (12, 4), (178, 38)])
func `waves follow the ramp`(hosts: Int, waves: Int) throws {
  #expect(RolloutEstimate.waves(policy: try speed("routine"), remaining: hosts, successes: 0, total: hosts) == waves)
}

@Test func `a small fleet gets its share by waves`() throws {
  let estimate = RolloutEstimate(policy: try speed("routine"), items: 6)
  #expect(estimate.text == "~72-143s")
}

@Test func `measured host times replace the table`() throws {
  let estimate = RolloutEstimate(policy: try speed("routine"), items: 178, measuredItemSeconds: [10, 300, 20])
  #expect(estimate.isMeasured)
  #expect(estimate.lowSeconds == 38 * 20)
  #expect(estimate.text == "~13 min")
  let immediate = RolloutEstimate(policy: try speed("immediate"), items: 178, measuredItemSeconds: [10, 20])
  #expect(immediate.text == "~75s")
}

@Test func `time left counts the waves that are left`() throws {
  let policy = try speed("routine")
  let left = RolloutEstimate.remainingSeconds(
    policy: policy,
    remaining: 74,
    successes: 104,
    total: 178,
    itemSeconds: 29.4
  )
  #expect(left == 441)
}
