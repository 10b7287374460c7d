import Foundations
import Testing

struct TimeTests {
  @Test(arguments: [("90s", 90.0), ("1m30s", 90), ("2h", 7200), ("250ms", 0.25), ("7d", 604_800), ("1.5h", 5400)])
  func `a duration is read in its units`(text: String, seconds: Double) {
    #expect(Duration(parsing: text) == .seconds(seconds))
  }

  @Test(arguments: ["", "90", "s", "1y", "-1s", "1m 30s", "99999999999999d", "1m30"])
  func `what is no duration is refused`(text: String) {
    #expect(Duration(parsing: text) == nil)
  }

  @Test func `a duration is said for people, tables and limits`() {
    #expect([90, 300, 760].map { Duration.seconds($0).words } == ["90 s", "5 min", "12 min 40 s"])
    #expect([59, 192, 7500, 90_000].map { Duration.seconds($0).brief } == ["59s", "3m12s", "2h5m", "1d1h"])
    #expect(
      [59, 3599, 3600, 172_799, 172_800].map { Duration.seconds($0).age } == ["0 min", "59 min", "1 h", "47 h", "2 d"]
    )
    #expect([Duration.seconds(10), .milliseconds(500), .zero].map(\.limit) == ["10 s", "0.5 s", "0 s"])
    #expect(Duration.milliseconds(1234).milliseconds == 1234 && Duration.milliseconds(500).seconds == 0.5)
  }

  @Test(arguments: [(-1, "1969-12-31"), (0, "1970-01-01"), (11_016, "2000-02-29"), (-719_528, "0000-01-01")])
  func `a day has a date`(days: Int, text: String) {
    let date = CalendarDate(days: days)
    #expect(date.description == text && CalendarDate(text) == date)
    #expect(CalendarDate(year: date.civil.year, month: date.civil.month, day: date.civil.day) == date)
  }

  @Test(arguments: ["2026-02-29", "2026-13-01", "2026-1-01", "26-01-01", "2026-11-02 ", ""])
  func `what is no day is refused`(text: String) {
    #expect(CalendarDate(text) == nil)
  }

  @Test func `a point in time is text in UTC`() {
    #expect(Instant.text(1_800_000_000_999) == "2027-01-15 08:00:00")
    #expect(Instant.stamp(1_800_000_000_250) == "2027-01-15T08:00:00.250Z")
    #expect(Instant.text(-1) == "1969-12-31 23:59:59" && Instant.stamp(-1) == "1969-12-31T23:59:59.999Z")
  }

  @Test(arguments: [
    (TimeOffset(seconds: 3600, name: "CET"), "2026-11-21T04:14:07+01:00", "2026-11-21 04:14:07 CET"),
    (TimeOffset(seconds: 0, name: "UTC"), "2026-11-21T03:14:07+00:00", "2026-11-21 03:14:07 UTC"),
    (TimeOffset(seconds: -12_600, name: "NST"), "2026-11-20T23:44:07-03:30", "2026-11-20 23:44:07 NST"),
  ])
  func `a time says its zone, and programs can read it`(offset: TimeOffset, local: String, words: String) {
    let moment: Int64 = 1_795_230_847_000
    #expect(Instant.local(moment, offset) == local)
    #expect(Instant.words(moment, offset) == words)
    #expect(Instant.milliseconds(local) == moment)
  }

  @Test(arguments: ["", "2026-11-21 03:14:07", "2026-11-21T03:14:07Z", "2026-13-21T03:14:07+01:00", "web1"])
  func `what is no such time is not read as one`(text: String) {
    #expect(Instant.milliseconds(text) == nil)
  }
}
