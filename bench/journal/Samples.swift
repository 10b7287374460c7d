/// Times of one thing that was done many times.
struct Samples {
  private var microseconds: [Double] = []

  /// Does it once and keeps how long it took.
  mutating func time<Failure: Error>(_ body: () async throws(Failure) -> Void) async throws(Failure) {
    let start = ContinuousClock.now
    try await body()
    let (seconds, attoseconds) = start.duration(to: .now).components
    microseconds.append(Double(seconds) * 1e6 + Double(attoseconds) / 1e12)
  }

  /// The time that a share of the samples stays below, in microseconds; `share` is 0 to 1.
  func quantile(_ share: Double) -> Double {
    let sorted = microseconds.sorted()
    if sorted.isEmpty { return .nan }
    return sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
  }

  var median: Double { quantile(0.5) }

  /// The median of the ratios to samples taken in turns with these.
  func ratio(to other: Samples) -> Double {
    let ratios = zip(microseconds, other.microseconds).map { $0 / $1 }.sorted()
    return ratios.isEmpty ? .nan : ratios[ratios.count / 2]
  }
}
