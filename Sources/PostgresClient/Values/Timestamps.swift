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
    let (seconds, rest) = (Int(microseconds.floored(by: 1_000_000)), microseconds.remainder(by: 1_000_000))
    let (day, second) = (Int(Int64(seconds).floored(by: 86_400)), Int(Int64(seconds).remainder(by: 86_400)))
    let date = PostgresTimestamp.date(ofDay: day)
    let fraction = String(1_000_000 + rest).dropFirst()
    let clock = [second / 3600, second / 60 % 60, second % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
    let (month, dayOfMonth) = (String(100 + date.month).dropFirst(), String(100 + date.day).dropFirst())
    // There is no year 0: the one before 1 is 1 BC.
    let count = date.year > 0 ? date.year : 1 - date.year
    let year = count > 9999 ? "\(count)" : String(String(10_000 + count).dropFirst())
    let era = date.year > 0 ? "" : " BC"
    text = "\(year)-\(month)-\(dayOfMonth) \(clock.joined(separator: ":")).\(fraction)+00\(era)"
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
    let day = PostgresTimestamp.day(year: numbers[0], month: numbers[1], day: numbers[2])
    let seconds = day * 86_400 + numbers[3] * 3600 + numbers[4] * 60 + numbers[5] - offset
    let fraction = match.7.map { Int64($0 + String(repeating: "0", count: 6 - $0.count)) ?? 0 } ?? 0
    return Int64(seconds) * 1_000_000 + fraction
  }

  // Days since 1970 in the Gregorian calendar; the year begins with March, so that the leap day is its last.
  private static func day(year: Int, month: Int, day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func date(ofDay day: Int) -> (year: Int, month: Int, day: Int) {
    let day = day + 719_468
    let era = (day >= 0 ? day : day - 146_096) / 146_097
    let dayOfEra = day - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let civil = month < 10 ? month + 3 : month - 9
    return (yearOfEra + era * 400 + (civil <= 2 ? 1 : 0), civil, dayOfYear - (153 * month + 2) / 5 + 1)
  }
}

extension Int64 {
  fileprivate func floored(by divisor: Int64) -> Int64 { (self - remainder(by: divisor)) / divisor }
  fileprivate func remainder(by divisor: Int64) -> Int64 { (self % divisor + divisor) % divisor }
}
