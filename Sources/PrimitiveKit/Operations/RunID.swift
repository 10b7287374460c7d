package import struct Foundation.Date

/// Names of runs: sortable by time and unlikely to repeat, for example `20261121-114502-6ca32b16`.
package enum RunID {
  package static func make(seed: UInt64, now: Date) -> String {
    let seconds = Int(now.timeIntervalSince1970)
    let (year, month, day) = civil(fromDays: seconds / 86_400)
    let time = seconds % 86_400
    let parts = [(year, 4), (month, 2), (day, 2)].map(padded).joined()
    let clock = [(time / 3600, 2), (time / 60 % 60, 2), (time % 60, 2)].map(padded).joined()
    let tail = String(UInt32(truncatingIfNeeded: seed ^ seed >> 32), radix: 16)
    return "\(parts)-\(clock)-\(String(repeating: "0", count: 8 - tail.count))\(tail)"
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }

  /// Year, month and day of the proleptic Gregorian calendar, given days since 1970-01-01.
  package static func civil(fromDays days: Int) -> (Int, Int, Int) {
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
}
