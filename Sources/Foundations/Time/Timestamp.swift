/// A point in time as programs write it (ISO 8601, RFC 3339): `2026-11-21T03:14:07.25+01:00`.
package struct Timestamp: Sendable, Equatable {
  /// Since 1970, UTC.
  package let microseconds: Int64

  package init(microseconds: Int64) { self.microseconds = microseconds }

  /// Seconds since 1970, to the microsecond; nil outside of the years 0 to 9999.
  package init?(seconds: Double) {
    guard seconds >= Timestamp.first, seconds <= Timestamp.last else { return nil }
    microseconds = Int64((seconds * 1e6).rounded())
  }

  // The first second of the year 0, and the last of 9999.
  private static let (first, last) = (-62_167_219_200.0, 253_402_300_799.0)

  /// Why a text is no point in time.
  package struct Problem: Error, Sendable, Equatable {
    package let what: String
    package let hint: String?
  }

  /// Reads a date and a time with its zone.
  ///
  /// Seconds may be left out, a space may stand for the `T`; what is finer than a microsecond is cut. A text without a zone
  /// is refused: it names another moment on every machine.
  package init(parsing text: String) throws(Problem) {
    let form =
      #/(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?([Zz]|[+-]\d\d(?::?\d\d)?)?)?/#
    guard let match = text.wholeMatch(of: form) else {
      throw Problem(what: "is no point in time", hint: "write it as 2026-11-21T03:14:07Z")
    }
    guard let day = CalendarDate(String(match.1)) else {
      throw Problem(what: "names a day that does not exist", hint: nil)
    }
    guard let hour = match.2.flatMap({ Int64($0) }), let minute = match.3.flatMap({ Int64($0) }) else {
      throw Problem(what: "is a day without a time", hint: "add the time and the zone: \(text)T00:00:00Z")
    }
    guard let zone = match.6, let offset = Timestamp.offset(String(zone)) else {
      throw Problem(what: "has no time zone", hint: "add Z for UTC, or an offset such as +01:00")
    }
    let second = match.4.flatMap { Int64($0) } ?? 0
    // A leap second is the first of the next minute.
    guard hour < 24, minute < 60, second < 60 || (second == 60 && minute == 59) else {
      throw Problem(what: "names a time of day that does not exist", hint: nil)
    }
    let fraction = (match.5.map(String.init) ?? "").padding(to: 6)
    microseconds =
      (Int64(day.days) * 86_400 + hour * 3600 + minute * 60 + second - Int64(offset)) * 1_000_000
      + (Int64(fraction) ?? 0)
  }

  /// The text at an offset from UTC in seconds, with that many digits of the second, 0 to 6; what is finer is cut.
  package func text(offset: Int = 0, digits: Int = 0) -> String {
    let (day, rest) = (microseconds + Int64(offset) * 1_000_000).dividedDown(by: 86_400_000_000)
    let fraction = digits > 0 ? "." + Int(rest % 1_000_000).padded(6).prefix(digits) : ""
    let minutes = abs(offset) / 60
    let zone =
      offset == 0 ? "Z" : "\(offset < 0 ? "-" : "+")\((minutes / 60).padded(2)):\((minutes % 60).padded(2))"
    return "\(CalendarDate(days: Int(day)))T\(Instant.clock(ofSecond: Int(rest / 1_000_000)))\(fraction)\(zone)"
  }

  /// Seconds east of Greenwich of `Z`, `+01:00`, `+0100` or `+01`; nil for what is no offset.
  package static func offset(_ zone: String) -> Int? {
    if zone == "Z" || zone == "z" { return 0 }
    guard let match = zone.wholeMatch(of: #/([+-])(\d\d)(?::?(\d\d))?/#), let hours = Int(match.2) else { return nil }
    let minutes = match.3.flatMap { Int($0) } ?? 0
    guard hours < 24, minutes < 60 else { return nil }
    return (hours * 3600 + minutes * 60) * (match.1 == "-" ? -1 : 1)
  }
}

extension String {
  /// Exactly so many characters: cut, or with zeros behind.
  fileprivate func padding(to width: Int) -> String {
    String(prefix(width)) + String(repeating: "0", count: max(0, width - count))
  }
}
