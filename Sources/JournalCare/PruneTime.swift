import Foundations
package import PrimitiveKit

/// Reads a time before which runs are pruned: how long ago, or a day.
package enum PruneTime {
  /// What is kept unless it is forced, in milliseconds.
  package static let least: Int64 = 7 * 86_400_000

  /// Milliseconds since 1970 of `90d`, `12w`, `36h` before `now`, or of the beginning of a day `2026-08-01` in UTC.
  ///
  /// Throws `usage.option`.
  package static func milliseconds(_ text: String, now: Int64) throws(CallFailure) -> Int64 {
    if let match = text.wholeMatch(of: #/([0-9]{1,6})([hdw])/#), let count = Int64(match.1) {
      let hours: [Substring: Int64] = ["h": 1, "d": 24, "w": 168]
      return now - count * (hours[match.2] ?? 0) * 3_600_000
    }
    if let day = CalendarDate(text), day.days >= 0 { return Int64(day.days) * 86_400_000 }
    throw CallFailure(
      .usage,
      code: "usage.option",
      message: "--before takes a date or an age, got '\(text)'",
      hint: "for example --before 90d, or --before 2026-08-01"
    )
  }
}
