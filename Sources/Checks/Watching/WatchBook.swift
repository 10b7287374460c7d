import Foundation
import Foundations
package import PrimitiveKit
import Site

/// What a watcher has found and told so far.
actor WatchBook {
  private let surroundings: Surroundings
  private let rules: AlertRules
  /// By check.
  private var alerts: [String: [Alert.Key: Alert]] = [:]
  /// The level of every subject at the last look.
  private var levels: [String: [String: CheckLevel]] = [:]
  /// Checks whose last change may be in the journal or not.
  private var doubtful: Set<String> = []
  private var trouble = ""

  init(_ surroundings: Surroundings) {
    self.surroundings = surroundings
    let routes = surroundings.sections[CheckSettings.self].routes.map { $0.naming(surroundings.notifiers) }
    let names = surroundings.checkList.checks.map(\.declaration.name)
    let wrong = routes.filter { !$0.problems(among: names).isEmpty }
    rules = AlertRules(site: surroundings.site?.name ?? "", routes: routes + wrong.map(\.ofItself))
  }

  /// Takes up what was told before; throws `journal.*` and `lock.lost`.
  ///
  /// What was told of checks that are not watched here stays as it is, while the site has them.
  func open(_ lead: Lead) async throws(CallFailure) {
    alerts = [:]
    doubtful = []
    let exist = Set(surroundings.checkList.checks.map(\.declaration.name))
    var lost: [Alert] = []
    for alert in try await surroundings.outbox.alerts() {
      guard exist.contains(alert.key.check) else {
        // What a plugin that cannot be read would measure has not gone.
        if !surroundings.mayHaveMoreChecks { lost.append(alert) }
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
    do throws(CallFailure) {
      // Decided from what was kept, else the same would be told again under another id.
      if doubtful.contains(check) {
        let kept = try await surroundings.outbox.alerts().filter { $0.key.check == check }
        alerts[check] = Dictionary(kept.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        doubtful.remove(check)
      }
      let change = rules.change(findings, of: check, Array((alerts[check] ?? [:]).values), now: now)
      guard !change.isEmpty else { return }
      doubtful.insert(check)
      try await surroundings.outbox.post(change, by: lead)
      doubtful.remove(check)
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

  /// Throws `watch.undelivered` where what was found could not be kept for those who are to be told.
  func requireKept() throws(CallFailure) {
    guard !doubtful.isEmpty else { return }
    throw .undelivered("what changed of \(doubtful.sorted().joined(separator: ", ")) is not in the journal: \(trouble)")
  }

  private func say(_ findings: [Finding], of check: String) {
    let before = levels[check] ?? [:]
    let knowsSubjects = before.keys.contains { !$0.isEmpty }
    let changed = findings.filter { finding in
      before[finding.subject].map { $0 != finding.level } ?? (knowsSubjects || finding.level != .ok)
    }
    let found = Dictionary(findings.map { ($0.subject, $0.level) }, uniquingKeysWith: { first, _ in first })
    // A check that could not measure at all tells nothing about its subjects.
    let failed = found[""] == .unknown
    levels[check] = failed ? before.merging(found) { $1 } : found
    let time = Instant.text(now)
    for line in changed.lines { surroundings.dialogue.say("\(time) \(line)") }
    for finding in changed {
      surroundings.dialogue.event(SessionEvent("check.change", ["at": .string(time), "finding": finding.value]))
    }
    if failed { return }
    if before[""] == .unknown, found[""] == nil { surroundings.dialogue.say("\(time) OK \(check): it measures again") }
    let gone = Set(before.keys).subtracting(findings.map(\.subject)).filter { !$0.isEmpty }.sorted()
    if !gone.isEmpty {
      surroundings.dialogue.say("\(time) UNKNOWN \(check) \(NameSet(names: gone).folded): found before, missing now")
    }
  }

  private var now: Int64 { surroundings.milliseconds }
}

extension CallFailure {
  /// Somebody who is to be told of a finding was not.
  static func undelivered(_ message: String) -> CallFailure {
    CallFailure(
      .failed,
      code: "watch.undelivered",
      message: message,
      hint: "it is told by the next `opsh watch` that can; `why(\"watch.outbox\")` tells more"
    )
  }
}

extension Surroundings {
  private enum MoreChecksKey: SurroundingsKey {
    static var fallback: Bool { false }
  }

  /// Whether a plugin could have checks of which nothing is known, since its manifest cannot be read.
  package var mayHaveMoreChecks: Bool {
    get { self[MoreChecksKey.self] }
    set { self[MoreChecksKey.self] = newValue }
  }

  /// Milliseconds since 1970 by the wall clock.
  var milliseconds: Int64 { Int64((world.now().timeIntervalSince1970 * 1000).rounded()) }
}
