import Foundation
import Foundations
import PrimitiveKit
import RunbookHeader
import Testing

struct VersionTests {
  @Test(arguments: [
    "1.0", "1.0.0.0", "v1.0.0", "1.0.x", "", "1..0", "-1.0.0", "01.0.0", "1.0.0-rc1", "１.0.0",
    "9999999999999999999.0.0",
  ])
  func `only three plain numbers are a version`(text: String) {
    #expect(SemanticVersion(text) == nil)
  }

  @Test func `versions are ordered by number and not by text`() {
    let ordered = ["0.0.9", "0.0.10", "0.2.0", "1.0.0", "10.0.0"].compactMap(SemanticVersion.init)
    #expect(ordered.count == 5)
    #expect(ordered == ordered.reversed().sorted())
  }

  @Test(arguments: [
    (">=0.1", "0.1.0", true), (">=0.1", "0.0.9", false), ("0.1", "0.2.0", true), (">1, <=2", "2.0.0", true),
    (">1, <=2", "2.0.1", false), (">1", "1.0.0", false), ("=1.2.3", "1.2.3", true), ("=1.2", "1.2.3", false),
    ("<2", "1.9.9", true), (" >= 1 ", "1.0.0", true),
  ])
  func `a requirement says which versions will do`(text: String, version: String, isAccepted: Bool) throws {
    let requirement = try #require(VersionRequirement(text))
    #expect(requirement.accepts(try #require(SemanticVersion(version))) == isAccepted)
  }

  @Test(arguments: ["", ">=", "~1", "1.x", ">=1,,<2", "1 2", "1.2.3.4", ",", "=>1"])
  func `what is no requirement is refused`(text: String) {
    #expect(VersionRequirement(text) == nil)
  }

  @Test(arguments: ["2026-11-21", "2024-02-29", "2000-02-29", "1970-01-01", "0001-01-01", "1969-12-31", "9999-12-31"])
  func `a date reads back as it was written`(text: String) {
    #expect(CalendarDate(text)?.description == text)
  }

  @Test(arguments: [
    "2026-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "26-01-01", "2026-01-32", "x", "2026-01-0１",
    "2026-01-01 ",
  ])
  func `a day that does not exist is no date`(text: String) {
    #expect(CalendarDate(text) == nil)
  }

  @Test func `the day of an instant is the one of Greenwich`() {
    #expect(CalendarDate(Date(timeIntervalSince1970: 1_795_219_199)).description == "2026-11-20")
    #expect(CalendarDate(Date(timeIntervalSince1970: 1_795_219_200)).description == "2026-11-21")
    #expect(CalendarDate(Date(timeIntervalSince1970: -1)).description == "1969-12-31")
    #expect(CalendarDate("2026-11-21")?.adding(days: 41).description == "2027-01-01")
  }
}
