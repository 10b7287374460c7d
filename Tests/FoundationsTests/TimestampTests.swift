import Foundations
import Testing

struct TimestampTests {
  @Test(arguments: [
    ("2026-11-21T03:14:07Z", 1_795_230_847_000_000 as Int64), ("2026-11-21 03:14:07z", 1_795_230_847_000_000),
    ("2026-11-21T04:14:07+01:00", 1_795_230_847_000_000), ("2026-11-20T22:14:07-0500", 1_795_230_847_000_000),
    ("2026-11-21T03:14:07.25Z", 1_795_230_847_250_000), ("2026-11-21T03:14:07,123456789Z", 1_795_230_847_123_456),
    ("2026-11-21T03:14Z", 1_795_230_840_000_000), ("20261121T031407Z", -1), ("1970-01-01T00:00:00Z", 0),
    ("1969-12-31T23:59:59.5Z", -500_000), ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
    ("2024-02-29T00:00:00Z", 1_709_164_800_000_000), ("9999-12-31T23:59:59Z", 253_402_300_799_000_000),
  ])
  func `ISO 8601 is read with its zone`(text: String, microseconds: Int64) throws {
    guard microseconds != -1 else {
      #expect(throws: Timestamp.Problem.self) { try Timestamp(parsing: text) }
      return
    }
    #expect(try Timestamp(parsing: text).microseconds == microseconds)
  }

  @Test(arguments: [
    ("", "is no point in time"), ("yesterday", "is no point in time"), ("2026-11-21", "is a day without a time"),
    ("2026-11-21T03:14:07", "has no time zone"), ("2026-02-30T00:00:00Z", "names a day that does not exist"),
    ("2026-11-21T24:00:00Z", "names a time of day that does not exist"),
    ("2026-11-21T03:14:60Z", "names a time of day that does not exist"),
    ("2026-11-21T03:14:07+25:00", "has no time zone"), ("2026-11-21T03:14:07Z ", "is no point in time"),
    ("+2026-11-21T03:14:07Z", "is no point in time"), ("2026-11-21T03:14:07.Z", "is no point in time"),
  ])
  func `another text is refused with the reason`(text: String, what: String) throws {
    #expect(try #require(throws: Timestamp.Problem.self) { try Timestamp(parsing: text) }.what == what)
  }

  @Test func `a point in time is written at any offset and cut to the digits`() throws {
    let moment = Timestamp(microseconds: 1_795_230_847_259_999)
    #expect(moment.text() == "2026-11-21T03:14:07Z")
    #expect(moment.text(offset: 3600, digits: 2) == "2026-11-21T04:14:07.25+01:00")
    #expect(moment.text(offset: -12_600, digits: 6) == "2026-11-20T23:44:07.259999-03:30")
    #expect(Timestamp(microseconds: -500_000).text(digits: 1) == "1969-12-31T23:59:59.5Z")
    #expect(Timestamp(seconds: 0.1 + 0.2)?.microseconds == 300_000)
    for seconds in [Double.nan, .infinity, 1e12, -1e12] { #expect(Timestamp(seconds: seconds) == nil) }
  }
}
