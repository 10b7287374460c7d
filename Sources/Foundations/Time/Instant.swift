/// Points in time, kept as milliseconds since 1970, as texts in UTC.
package enum Instant {
  /// `2026-11-21 03:14:07`, for people.
  package static func text(_ milliseconds: Int64) -> String {
    let (day, rest) = milliseconds.dividedDown(by: 86_400_000)
    return "\(CalendarDate(days: Int(day))) \(clock(ofSecond: Int(rest / 1000)))"
  }

  /// `2026-11-21T03:14:07.250Z` (RFC 3339), for programs.
  package static func stamp(_ milliseconds: Int64) -> String {
    let (day, rest) = milliseconds.dividedDown(by: 86_400_000)
    let clock = clock(ofSecond: Int(rest / 1000))
    return "\(CalendarDate(days: Int(day)))T\(clock).\(Int(rest % 1000).padded(3))Z"
  }

  /// `03:14:07` of a second of the day.
  package static func clock(ofSecond second: Int) -> String {
    [second / 3600, second / 60 % 60, second % 60].map { $0.padded(2) }.joined(separator: ":")
  }
}

extension Int64 {
  /// Quotient and remainder of the division that rounds down, so that the remainder is never negative.
  package func dividedDown(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}

extension Int {
  /// The number with zeros before it up to a width; wider ones are whole.
  package func padded(_ width: Int) -> String {
    let digits = String(self)
    return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
  }
}
