import Foundation
import Foundations
import PrimitiveKit
import Site

/// What a watcher has found and told so far.
actor WatchBook {
  private let surroundings: Surroundings
  private let rules: AlertRules
  /// By check.
  private var alerts: [String: [Alert.Key: Alert]] = [:]
  /// The level of every subject at the last look.
  private var levels: [String: [String: CheckLevel]] = [:]
  private var trouble = ""

  init(_ surroundings: Surroundings) {
    self.surroundings = surroundings
    let routes = surroundings.sections[CheckSettings.self].routes
    let names = surroundings.checkList.checks.map(\.declaration.name)
    let wrong = routes.filter { !$0.problems(among: names).isEmpty }
    rules = AlertRules(site: surroundings.site?.name ?? "", routes: routes + wrong.map(\.ofItself))
  }

  /// Takes up what was told before; throws `journal.*` and `lock.lost`.
  ///
  /// What was told of checks that are not watched here stays as it is, while the site has them.
  func open(_ lead: Lead) async throws(CallFailure) {
    alerts = [:]
    let exist = Set(surroundings.checkList.checks.map(\.declaration.name))
    var lost: [Alert] = []
    for alert in try await surroundings.outbox.alerts() {
      guard exist.contains(alert.key.check) else {
        lost.append(alert)
        continue
      }
      alerts[alert.key.check, default: [:]][alert.key] = alert
    }
    try await surroundings.outbox.post(rules.farewell(lost, now: now), by: lead)
  }

  /// Says what changed, and keeps what somebody is to be told of it.
  ///
  /// What cannot be kept is decided anew at the next look, so nothing is lost by it.
  func take(_ findings: [Finding], of check: String, _ lead: Lead) async {
    say(findings, of: check)
    let known = alerts[check] ?? [:]
    let change = rules.change(findings, of: check, Array(known.values), now: now)
    guard !change.isEmpty else { return }
    do throws(CallFailure) {
      try await surroundings.outbox.post(change, by: lead)
      for key in change.ended { alerts[check, default: [:]][key] = nil }
      for alert in change.alerts { alerts[check, default: [:]][alert.key] = alert }
      trouble = ""
    } catch {
      if trouble != error.message {
        surroundings.dialogue.say("opsh watch: nobody can be told yet: \(error.message)")
      }
      trouble = error.message
    }
  }

  private func say(_ findings: [Finding], of check: String) {
    let before = levels[check]
    let changed = findings.filter { finding in
      before.map { $0[finding.subject] != finding.level } ?? (finding.level != .ok)
    }
    levels[check] = Dictionary(findings.map { ($0.subject, $0.level) }, uniquingKeysWith: { first, _ in first })
    let time = Instant.text(now)
    for line in changed.lines { surroundings.dialogue.say("\(time) \(line)") }
    for finding in changed {
      surroundings.dialogue.event(SessionEvent("check.change", ["at": .string(time), "finding": finding.value]))
    }
    let gone = Set((before ?? [:]).keys).subtracting(findings.map(\.subject)).filter { !$0.isEmpty }.sorted()
    if !gone.isEmpty {
      surroundings.dialogue.say("\(time) UNKNOWN \(check) \(NameSet(names: gone).folded): found before, missing now")
    }
  }

  private var now: Int64 { surroundings.milliseconds }
}

extension Surroundings {
  /// Milliseconds since 1970 by the wall clock.
  var milliseconds: Int64 { Int64((world.now().timeIntervalSince1970 * 1000).rounded()) }
}
