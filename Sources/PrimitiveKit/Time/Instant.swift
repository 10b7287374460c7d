/// Points in time as journals keep them.
package enum Instant {
  /// `2026-11-21 03:14:07` in UTC, from milliseconds since 1970.
  package static func text(_ milliseconds: Int64) -> String {
    let seconds = Int(milliseconds / 1000)
    let date = CalendarDate(days: Int((Double(seconds) / 86_400).rounded(.down)))
    let time = ((seconds % 86_400) + 86_400) % 86_400
    let clock = [time / 3600, time / 60 % 60, time % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
    return "\(date) \(clock.joined(separator: ":"))"
  }
}
