/// How long a rollout is expected to take.
package struct RolloutEstimate: Codable, Equatable, Sendable {
  /// Seconds, at least.
  package let lowSeconds: Int
  /// Seconds, at most, when nothing goes wrong.
  package let highSeconds: Int
  /// Whether measured host times were used; else the speed's documented estimate.
  package let isMeasured: Bool
  private let firesOver: Bool

  /// The expectation for `hosts`, from measured seconds per host when there are any.
  ///
  /// Measured: waves times the median host time, after the longest jitter. Documented: the speed's estimate is for 178
  /// hosts (seed 001); other fleets get their share by waves.
  package init(policy: RolloutPolicy, hosts: Int, measuredHostSeconds: [Double] = []) {
    let waves = RolloutEstimate.waves(policy: policy, remaining: hosts, successes: 0, total: hosts)
    isMeasured = !measuredHostSeconds.isEmpty
    firesOver = !isMeasured && policy.hostsAtOnce == nil
    if let host = RolloutEstimate.median(measuredHostSeconds) {
      lowSeconds = policy.jitterSeconds + Int((Double(waves) * host).rounded(.up))
      highSeconds = lowSeconds
    } else {
      let reference = policy.estimate.hosts
      let scale = RolloutEstimate.waves(policy: policy, remaining: reference, successes: 0, total: reference)
      lowSeconds = (policy.estimate.lowSeconds * waves + scale - 1) / scale
      highSeconds = (policy.estimate.highSeconds * waves + scale - 1) / scale
    }
  }

  /// Seconds that are left when `remaining` of `total` hosts have not ended, at this many seconds per host.
  package static func remainingSeconds(
    policy: RolloutPolicy,
    remaining: Int,
    successes: Int,
    total: Int,
    hostSeconds: Double
  ) -> Int {
    Int(
      (Double(waves(policy: policy, remaining: remaining, successes: successes, total: total)) * hostSeconds).rounded(
        .up
      )
    )
  }

  /// How often a full window has to run, if every host takes equally long and succeeds: 1 + 2 + 4 + 5 + 5 + … on routine.
  package static func waves(policy: RolloutPolicy, remaining: Int, successes: Int, total: Int) -> Int {
    var waves = 0
    var left = remaining
    var good = successes
    while left > 0 {
      let wave = min(left, max(1, policy.window(successes: good, hosts: total)))
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
