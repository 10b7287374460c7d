/// How long a rollout is expected to take.
package struct RolloutEstimate: Codable, Equatable, Sendable {
  /// Seconds, at least.
  package let lowSeconds: Int
  /// Seconds, at most, when nothing goes wrong.
  package let highSeconds: Int
  /// Whether measured item times were used; else the speed's documented estimate.
  package let isMeasured: Bool
  private let firesOver: Bool

  /// The expectation for `items`, from measured seconds per item when there are any.
  ///
  /// Measured: waves times the median item time, after the longest jitter. Documented: the speed's estimate is for 178
  /// hosts (seed 001); other fleets get their share by waves.
  package init(policy: RolloutPolicy, items: Int, measuredItemSeconds: [Double] = []) {
    let waves = RolloutEstimate.waves(policy: policy, remaining: items, successes: 0, total: items)
    isMeasured = !measuredItemSeconds.isEmpty
    firesOver = !isMeasured && policy.itemsAtOnce == nil
    if let item = RolloutEstimate.median(measuredItemSeconds) {
      lowSeconds = policy.jitterSeconds + Int((Double(waves) * item).rounded(.up))
      highSeconds = lowSeconds
    } else {
      let reference = policy.estimate.hosts
      let scale = RolloutEstimate.waves(policy: policy, remaining: reference, successes: 0, total: reference)
      lowSeconds = (policy.estimate.lowSeconds * waves + scale - 1) / scale
      highSeconds = (policy.estimate.highSeconds * waves + scale - 1) / scale
    }
  }

  /// Seconds that are left when `remaining` of `total` items have not ended, at this many seconds per item.
  package static func remainingSeconds(
    policy: RolloutPolicy,
    remaining: Int,
    successes: Int,
    total: Int,
    itemSeconds: Double
  ) -> Int {
    Int(
      (Double(waves(policy: policy, remaining: remaining, successes: successes, total: total)) * itemSeconds).rounded(
        .up
      )
    )
  }

  /// How often a full window has to run, if every item takes equally long and succeeds: 1 + 2 + 4 + 5 + 5 + … on routine.
  package static func waves(policy: RolloutPolicy, remaining: Int, successes: Int, total: Int) -> Int {
    var waves = 0
    var left = remaining
    var good = successes
    while left > 0 {
      let wave = min(left, max(1, policy.window(successes: good, items: total)))
      left -= wave
      good += wave
      waves += 1
    }
    return waves
  }

  /// The middle of some measured times; nil when there are none.
  package static func median(_ seconds: [Double]) -> Double? {
    guard !seconds.isEmpty else { return nil }
    let sorted = seconds.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  /// The estimate as the plan shows it: `~15-30 min`, `~95s`, `fires over ~60s`.
  package var text: String {
    let span: String
    if highSeconds < 180 {
      span = lowSeconds == highSeconds ? "~\(lowSeconds)s" : "~\(lowSeconds)-\(highSeconds)s"
    } else {
      let low = max(1, (lowSeconds + 30) / 60)
      let high = max(1, (highSeconds + 30) / 60)
      span = low == high ? "~\(high) min" : "~\(low)-\(high) min"
    }
    return firesOver ? "fires over \(span)" : span
  }
}
