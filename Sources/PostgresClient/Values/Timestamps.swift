import Foundations

/// timestamptz and timestamp: the server's text, and the instant where it has one.
///
/// `infinity`, years before Christ and beyond 9999 are legal; they keep their text and have no instant.
package struct PostgresTimestamp: PostgresCodable, Equatable {
  /// As printed, in the session's time zone.
  package let text: String
  /// Microseconds since 1970, for a text in ISO form with an offset (`2026-11-29 00:28:09.5+00`).
  package let microseconds: Int64?

  package init(text: String) {
    self.text = text
    microseconds = PostgresTimestamp.instant(text)
  }

  package init(microseconds: Int64) {
    let (seconds, fraction) = microseconds.dividedDown(by: 1_000_000)
    let (days, second) = seconds.dividedDown(by: 86_400)
    let (year, month, day) = CalendarDate(days: Int(days)).civil
    // There is no year 0: the one before 1 is 1 BC.
    let (count, era) = year > 0 ? (year, "") : (1 - year, " BC")
    let date = "\(count.padded(4))-\(month.padded(2))-\(day.padded(2))"
    text = "\(date) \(Instant.clock(ofSecond: Int(second))).\(Int(fraction).padded(6))+00\(era)"
    self.microseconds = microseconds
  }

  package func postgresArgument() throws(PostgresError) -> PostgresArgument {
    try PostgresArgument(text, type: PostgresType.timestamptz)
  }

  package init(postgres field: PostgresField) throws(PostgresError) {
    guard field.type == PostgresType.timestamptz || field.type == PostgresType.timestamp else {
      throw field.mismatch("a timestamp")
    }
    self.init(text: field.text)
  }

  private static func instant(_ text: String) -> Int64? {
    let pattern = /(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?/
    guard let match = text.wholeMatch(of: pattern)?.output else { return nil }
    let numbers = [match.1, match.2, match.3, match.4, match.5, match.6].compactMap { Int($0) }
    guard numbers.count == 6 else { return nil }
    let offsets = [match.9, match.10 ?? "0", match.11 ?? "0"].compactMap { Int($0) }
    let offset = zip(offsets, [3600, 60, 1]).reduce(0) { $0 + $1.0 * $1.1 } * (match.8 == "-" ? -1 : 1)
    let day = CalendarDate(year: numbers[0], month: numbers[1], day: numbers[2]).days
    let seconds = day * 86_400 + numbers[3] * 3600 + numbers[4] * 60 + numbers[5] - offset
    let fraction = match.7.map { Int64($0 + String(repeating: "0", count: 6 - $0.count)) ?? 0 } ?? 0
    return Int64(seconds) * 1_000_000 + fraction
  }
}
