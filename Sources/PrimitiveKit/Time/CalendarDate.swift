package import struct Foundation.Date

/// A day of the Gregorian calendar, without a time or a place.
package struct CalendarDate: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Days since 1970-01-01.
  package let days: Int

  /// The day `days` after 1970-01-01.
  package init(days: Int) { self.days = days }

  /// The day of an instant in UTC.
  package init(_ date: Date) { days = Int((date.timeIntervalSince1970 / 86_400).rounded(.down)) }

  /// Reads `yyyy-mm-dd`; nil when there is no such day.
  package init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2] else { return nil }
    let numbers = parts.compactMap { part in
      part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(part) : nil
    }
    guard numbers.count == 3, (1...12).contains(numbers[1]) else { return nil }
    days = CalendarDate.days(numbers[0], numbers[1], numbers[2])
    // The 31st of a shorter month is a day of the next one.
    guard description == text else { return nil }
  }

  package var description: String {
    let (year, month, day) = RunID.civil(fromDays: days)
    func padded(_ number: Int, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }

  /// The day that many days later.
  package func adding(days more: Int) -> CalendarDate { CalendarDate(days: days + more) }

  package static func < (left: CalendarDate, right: CalendarDate) -> Bool { left.days < right.days }

  // The inverse of `RunID.civil`: years begin on 1 March, so that a leap day is the last one.
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
