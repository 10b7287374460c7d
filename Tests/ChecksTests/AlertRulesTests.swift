import Foundations
import OpshTesting
import PrimitiveKit
import Testing

@testable import Checks

/// What somebody is told of findings: once, again after a while, and when it is over.
struct AlertRulesTests {
  /// One notifier's view of one check, look by look.
  final class Story {
    private(set) var rules: AlertRules
    var alerts: [Alert.Key: Alert] = [:]
    /// Milliseconds since 1970.
    var now: Int64 = 1_000_000_000

    init(_ fields: [String: Value]...) throws { rules = try Story.rules(fields) }

    /// The site has other routes by now.
    func route(_ fields: [String: Value]...) throws { rules = try Story.rules(fields) }

    private static func rules(_ fields: [[String: Value]]) throws -> AlertRules {
      var stand = Stand()
      let routes = fields.map { Value.table(["level": .string("BAD"), "to": .string("pager")].merging($0) { $1 }) }
      try stand.site(["routes": .array(routes)])
      return AlertRules(site: "test", routes: stand.surroundings.sections[CheckSettings.self].routes)
    }

    /// Looks after so many seconds; answers what is told, such as `raised BAD web1`.
    func look(after seconds: Int64 = 60, _ findings: [(String, CheckLevel)]) -> [String] {
      notices(after: seconds, findings).map { notice in
        [notice.event["state"], notice.event["level"], notice.event["subject"]].compactMap { value in
          if case .string(let text) = value, !text.isEmpty { text } else { nil }
        }.joined(separator: " ")
      }
    }

    func notices(after seconds: Int64 = 60, _ findings: [(String, CheckLevel)]) -> [Notice] {
      now += seconds * 1000
      let found = findings.map { subject, level in
        Finding.test("desk.fill", subject, level)
      }
      let change = rules.change(found, of: "desk.fill", Array(alerts.values), now: now)
      for key in change.ended { alerts[key] = nil }
      for alert in change.alerts { alerts[alert.key] = alert }
      return change.notices
    }
  }

  @Test func `a finding that lasts is told once, and again after a while`() throws {
    let story = try Story(["again": .string("1h")])
    #expect(story.look([("", .ok)]) == [])
    #expect(story.look([("", .bad)]) == ["raised BAD"])
    for _ in 0..<59 { #expect(story.look([("", .bad)]) == []) }
    #expect(story.look([("", .bad)]) == ["repeated BAD"])
    #expect(story.look([("", .bad)]) == [])
  }

  @Test func `that it is over is told once`() throws {
    let story = try Story([:])
    #expect(story.look([("", .bad)]) == ["raised BAD"])
    #expect(story.look([("", .ok)]) == ["resolved OK"])
    #expect(story.look([("", .ok)]) == [])
    // Nothing is kept of it once it was calm for a while.
    #expect(story.look(after: 3600, [("", .ok)]) == [] && story.alerts.isEmpty)
  }

  @Test func `another level is told at once, a lower one that nobody asked for as the end`() throws {
    var story = try Story(["level": .string("WARN")])
    #expect(story.look([("", .warn)]) == ["raised WARN"])
    #expect(story.look([("", .bad)]) == ["changed BAD"])
    #expect(story.look([("", .unknown)]) == ["changed UNKNOWN"])
    story = try Story([:])
    #expect(story.look([("", .bad)]) == ["raised BAD"])
    #expect(story.look([("", .warn)]) == ["resolved WARN"])
  }

  @Test func `each subject is told by itself`() throws {
    let story = try Story([:])
    #expect(story.look([("web1", .bad), ("web2", .ok)]) == ["raised BAD web1"])
    #expect(story.look([("web1", .bad), ("web2", .bad)]) == ["raised BAD web2"])
    #expect(story.look([("web1", .ok), ("web2", .bad)]) == ["resolved OK web1"])
  }

  @Test func `two routes to one notifier tell it once`() throws {
    let story = try Story(["level": .string("WARN"), "again": .string("2h")], ["again": .string("1h")])
    #expect(story.look([("", .bad)]) == ["raised BAD"])
    #expect(story.look(after: 3600, [("", .bad)]) == ["repeated BAD"])
    #expect(story.look([("", .warn)]) == ["changed WARN"])
  }

  @Test func `UNKNOWN is no end of a finding, not even for whom it does not concern`() throws {
    let story = try Story(["unknown": .bool(false)])
    #expect(story.look([("", .bad)]) == ["raised BAD"])
    #expect(story.look([("", .unknown)]) == [])
    #expect(story.look([("", .bad)]) == [])
    #expect(story.look([("", .unknown)]) == [])
    #expect(story.look([("", .ok)]) == ["resolved OK"])
  }

  @Test func `a subject that is missing is UNKNOWN, and forgotten after having been told twice`() throws {
    let story = try Story(["again": .string("1h")])
    #expect(story.look([("web1", .bad), ("web2", .ok)]) == ["raised BAD web1"])
    #expect(story.look([("web2", .ok)]) == ["changed UNKNOWN web1"])
    #expect(story.look([("web2", .ok)]) == [])
    #expect(story.look(after: 3600, [("web2", .ok)]) == ["gone UNKNOWN web1"])
    #expect(story.look(after: 3600, [("web2", .ok)]) == [] && story.alerts.isEmpty)
  }

  @Test func `a subject that was over already goes without a word`() throws {
    let story = try Story([:])
    #expect(story.look([("web1", .bad), ("web2", .ok)]) == ["raised BAD web1"])
    #expect(story.look([("web1", .ok), ("web2", .ok)]) == ["resolved OK web1"])
    #expect(story.look([("web2", .ok)]) == [])
    #expect(story.alerts.isEmpty)
  }

  @Test func `a check that cannot measure says nothing of its subjects, and its own end is told`() throws {
    let story = try Story([:])
    #expect(story.look([("web1", .bad)]) == ["raised BAD web1"])
    #expect(story.look([("", .unknown)]) == ["raised UNKNOWN"])
    #expect(story.look([("web1", .bad)]) == ["resolved OK"])
    #expect(story.look([("web1", .ok)]) == ["resolved OK web1"])
  }

  @Test func `what changes all the time is told four times, then that it flaps, then how it came out`() throws {
    var story = try Story(["again": .string("1h")])
    var told: [String] = []
    for round in 0..<120 { told += story.look(after: 30, [("", round.isMultiple(of: 2) ? .bad : .ok)]) }
    #expect(told == ["raised BAD", "resolved OK", "raised BAD", "resolved OK", "flapping BAD"])
    #expect(story.look(after: 600, [("", .bad)]) == ["flapping BAD"])
    told = []
    for _ in 0..<60 { told += story.look(after: 60, [("", .bad)]) }
    #expect(told.first == "changed BAD" && told.count <= 2)
    story = try Story([:])
    for round in 0..<8 { _ = story.look(after: 30, [("", round.isMultiple(of: 2) ? .bad : .ok)]) }
    told = []
    for _ in 0..<60 { told += story.look(after: 60, [("", .ok)]) }
    #expect(told == ["resolved OK"] && story.alerts.isEmpty)
  }

  @Test func `a check that can measure only now and then is bounded, too`() throws {
    let story = try Story([:])
    var told: [String] = []
    for round in 0..<40 {
      told += story.look(after: 30, round.isMultiple(of: 2) ? [("", .unknown)] : [("web1", .ok)])
    }
    #expect(told.count == 5 && told.last == "flapping UNKNOWN", "\(told)")
  }

  @Test func `alerts of checks that no longer exist end, and that is told`() throws {
    let story = try Story([:])
    #expect(story.look([("web1", .bad)]) == ["raised BAD web1"])
    let change = story.rules.farewell(Array(story.alerts.values), now: story.now)
    #expect(change.ended == Array(story.alerts.keys))
    #expect(change.notices.map { $0.event["state"] } == [.string("gone")])
  }

  @Test(arguments: [
    ["check": Value.string("rocky.*")], ["level": .string("UNKNOWN")],
  ])
  func `what is no longer routed has gone, which is no all-clear`(fields: [String: Value]) throws {
    let story = try Story([:])
    #expect(story.look([("web1", .bad)]) == ["raised BAD web1"])
    try story.route(fields)
    let notice = try #require(story.notices([("web1", .bad)]).first)
    #expect(notice.event["state"] == .string("gone") && notice.event["level"] == .string("BAD"))
    let text = "gone: BAD desk.fill web1: 97 %; BAD is 80 or more; it is no longer routed here"
    #expect(notice.event["text"] == .string(text))
    #expect(notice.event["note"] == .string("it is no longer routed here"))
    #expect(story.look([("web1", .bad)]) == [] && story.alerts.isEmpty)
  }

  @Test func `what is over by the time that it is no longer routed is resolved`() throws {
    let story = try Story([:])
    #expect(story.look([("web1", .bad), ("web2", .bad)]) == ["raised BAD web1", "raised BAD web2"])
    try story.route(["check": .string("rocky.*")])
    #expect(story.look([("web1", .ok), ("web2", .unknown)]) == ["resolved OK web1", "gone UNKNOWN web2"])
  }

  @Test func `UNKNOWN that a route no longer takes ends when the check finds so`() throws {
    let story = try Story([:])
    #expect(story.look([("", .unknown)]) == ["raised UNKNOWN"])
    try story.route(["unknown": .bool(false)])
    #expect(story.look([("", .unknown)]) == [])
    #expect(story.look([("", .ok)]) == ["resolved OK"])
  }

  @Test func `an event says what, since when and in one line, and keeps its id`() throws {
    let story = try Story([:])
    let notice = try #require(story.notices([("web1", .bad)]).first)
    #expect(notice.event["id"] == .string(notice.id) && notice.id.count == 16)
    #expect(notice.line == "desk.fill web1" && notice.notifier == "pager")
    #expect(notice.event["text"] == .string("BAD desk.fill web1: 97 %; BAD is 80 or more"))
    #expect(notice.event["value"] == .int(97) && notice.event["before"] == .string("OK"))
    #expect(notice.event["since"] == notice.event["at"])
    #expect(notice.event["site"] == .string("test") && notice.event["event"] == .string("finding"))
  }
}

extension Finding {
  /// A finding about nothing real.
  static func test(_ check: String, _ subject: String, _ level: CheckLevel) -> Finding {
    Finding(
      check: check,
      system: "",
      subject: subject,
      level: level,
      value: level == .unknown ? nil : 97,
      unit: "%",
      threshold: level == .bad ? "BAD is 80 or more" : "OK is less than 50",
      isOverridden: false,
      age: 0,
      evidence: .null,
      note: level == .unknown ? "it does not answer" : "",
      owner: "anna",
      refs: []
    )
  }
}
