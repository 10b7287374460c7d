import Glibc

/// How far a place's clock is from UTC at some moment, and what people there call that.
package struct TimeOffset: Sendable, Equatable {
  /// East of Greenwich.
  package let seconds: Int
  /// Such as `CET`.
  package let name: String

  package init(seconds: Int, name: String) {
    self.seconds = seconds
    self.name = name
  }

  /// Of this machine at a moment, in milliseconds since 1970.
  package static func here(at milliseconds: Int64) -> TimeOffset {
    var time = time_t(milliseconds.dividedDown(by: 1000).quotient)
    var parts = tm()
    tzset()
    guard localtime_r(&time, &parts) != nil, let zone = parts.tm_zone else {
      return TimeOffset(seconds: 0, name: "UTC")
    }
    return TimeOffset(seconds: parts.tm_gmtoff, name: String(cString: zone))
  }
}

extension Instant {
  /// `2026-11-21T03:14:07+01:00` (ISO 8601), for scripts and programs; local time of this machine unless said otherwise.
  package static func local(_ milliseconds: Int64, _ offset: TimeOffset? = nil) -> String {
    let offset = offset ?? .here(at: milliseconds)
    let minutes = abs(offset.seconds) / 60
    let words = text(milliseconds + Int64(offset.seconds) * 1000).replacing(" ", with: "T")
    return "\(words)\(offset.seconds < 0 ? "-" : "+")\((minutes / 60).padded(2)):\((minutes % 60).padded(2))"
  }

  /// `2026-11-21 03:14:07 CET`, for people.
  package static func words(_ milliseconds: Int64, _ offset: TimeOffset? = nil) -> String {
    let offset = offset ?? .here(at: milliseconds)
    return "\(text(milliseconds + Int64(offset.seconds) * 1000)) \(offset.name)"
  }

  /// Milliseconds since 1970 of what `local` wrote; nil for every other text.
  package static func milliseconds(_ local: String) -> Int64? {
    let bytes = Array(local.utf8)
    guard bytes.count == 25, bytes[10] == UInt8(ascii: "T"), bytes[16] == UInt8(ascii: ":"),
      bytes[22] == UInt8(ascii: ":")
    else { return nil }
    return (try? Timestamp(parsing: local)).map { $0.microseconds / 1000 }
  }
}
