package import struct Foundation.Date

/// A day of the proleptic Gregorian calendar, without a time or a place.
package struct CalendarDate: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Days since 1970-01-01.
  package let days: Int

  /// The day `days` after 1970-01-01.
  package init(days: Int) { self.days = days }

  /// The day of an instant in UTC.
  package init(_ date: Date) { days = Int((date.timeIntervalSince1970 / 86_400).rounded(.down)) }

  /// The day of that name; a day past the end of its month is one of the next month.
  package init(year: Int, month: Int, day: Int) {
    // Years begin on 1 March, so that a leap day is the last one.
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// Reads `yyyy-mm-dd`; nil when there is no such day.
  package init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2] else { return nil }
    let numbers = parts.compactMap { part in
      part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(part) : nil
    }
    guard numbers.count == 3, (1...12).contains(numbers[1]) else { return nil }
    self.init(year: numbers[0], month: numbers[1], day: numbers[2])
    // The 31st of a shorter month is a day of the next one.
    guard description == text else { return nil }
  }

  /// Year, month and day; the year before 1 is 0.
  package var civil: (year: Int, month: Int, day: Int) {
    // Counted in eras of 400 years from a 1 March.
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  /// `2026-11-02`.
  package var description: String {
    let (year, month, day) = civil
    return "\(year.padded(4))-\(month.padded(2))-\(day.padded(2))"
  }

  /// The day that many days later.
  package func adding(days more: Int) -> CalendarDate { CalendarDate(days: days + more) }

  package static func < (left: CalendarDate, right: CalendarDate) -> Bool { left.days < right.days }
}
