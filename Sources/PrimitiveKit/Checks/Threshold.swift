/// A bound of a check's number.
package enum Threshold: Sendable, Equatable {
  /// Less than this.
  case below(Double)
  /// At most this.
  case to(Double)
  /// More than this.
  case above(Double)
  /// At least this.
  case from(Double)
  case equals(Double)
  /// At least the first, at most the second.
  case between(Double, Double)

  /// Whether a number is within the bound.
  package func holds(for value: Double) -> Bool {
    switch self {
    case .below(let limit): value < limit
    case .to(let limit): value <= limit
    case .above(let limit): value > limit
    case .from(let limit): value >= limit
    case .equals(let wanted): value == wanted
    case .between(let low, let high): value >= low && value <= high
    }
  }

  /// The bound for a person, saying on which side of it the number itself is.
  package var words: String {
    switch self {
    case .below(let limit): "less than \(limit.brief)"
    case .to(let limit): "at most \(limit.brief)"
    case .above(let limit): "more than \(limit.brief)"
    case .from(let limit): "\(limit.brief) or more"
    case .equals(let wanted): "exactly \(wanted.brief)"
    case .between(let low, let high): "from \(low.brief) to \(high.brief)"
    }
  }

  /// The numbers within the bound.
  package var span: NumberSpan {
    switch self {
    case .below(let limit): NumberSpan(high: limit, isHighIncluded: false)
    case .to(let limit): NumberSpan(high: limit)
    case .above(let limit): NumberSpan(low: limit, isLowIncluded: false)
    case .from(let limit): NumberSpan(low: limit)
    case .equals(let wanted): NumberSpan(low: wanted, high: wanted)
    case .between(let low, let high): NumberSpan(low: low, high: high)
    }
  }

  var numbers: [Double] {
    switch self {
    case .below(let number), .to(let number), .above(let number), .from(let number), .equals(let number): [number]
    case .between(let low, let high): [low, high]
    }
  }
}

/// The numbers between two ends, each of which may belong to it.
package struct NumberSpan: Sendable, Equatable {
  package var low = -Double.infinity
  package var isLowIncluded = true
  package var high = Double.infinity
  package var isHighIncluded = true

  package init(
    low: Double = -.infinity,
    isLowIncluded: Bool = true,
    high: Double = .infinity,
    isHighIncluded: Bool = true
  ) {
    self.low = low
    self.isLowIncluded = isLowIncluded
    self.high = high
    self.isHighIncluded = isHighIncluded
  }

  package var isEmpty: Bool { low > high || (low == high && !(isLowIncluded && isHighIncluded)) }

  /// The numbers in both.
  package func intersection(_ other: NumberSpan) -> NumberSpan {
    var both = self
    if other.low > low || (other.low == low && !other.isLowIncluded) {
      both.low = other.low
      both.isLowIncluded = other.isLowIncluded
    }
    if other.high < high || (other.high == high && !other.isHighIncluded) {
      both.high = other.high
      both.isHighIncluded = other.isHighIncluded
    }
    return both
  }
}

extension Double {
  /// As a person writes it: `50`, `0.05`.
  package var brief: String { Int(exactly: self).map(String.init) ?? "\(self)" }
}
