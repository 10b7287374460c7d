import Foundations
import PrimitiveKit

/// Decides who is told what of the findings of one look; no I/O.
struct AlertRules: Sendable {
  /// So many changes within the window are told one by one; then it flaps.
  static let changes = 4
  /// Milliseconds: changes that are older count no more, and what did not change for so long flaps no more.
  static let window: Int64 = 15 * 60_000

  let site: String
  let routes: [Route]

  /// What one notifier is told.
  enum State: String, Sendable {
    case raised, changed, repeated, resolved, flapping
    /// It is not measured, or not routed, any more, which is no good news.
    case gone
  }

  /// What follows from the findings of a check; `alerts` are those of this check, `now` is milliseconds since 1970.
  func change(_ findings: [Finding], of check: String, _ alerts: [Alert], now: Int64) -> AlertChange {
    var change = AlertChange()
    let known = Dictionary(alerts.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    // Whom no route names any more is told nothing, nor that what was over already has gone.
    let named = Set(routes.flatMap { $0.to.map(\.name) })
    change.ended = alerts.filter { alert in
      let key = alert.key
      let isGone = alert.isOver && !key.subject.isEmpty && !findings.contains { $0.subject == key.subject }
      return isGone || !named.contains(key.notifier)
    }.map(\.key)
    let open = alerts.filter { !change.ended.contains($0.key) }
    let seen = findings + missing(from: findings, of: check, open)
    for finding in seen {
      let told = open.filter { $0.key.subject == finding.subject }.map(\.key.notifier)
      let targets = routes.filter { $0.takes(check, finding.level) }.flatMap { $0.to.map(\.name) }
      for notifier in Set(told + targets).sorted() {
        let key = Alert.Key(check, finding.subject, notifier: notifier)
        let isMissing = !findings.contains { $0.subject == finding.subject }
        decide(finding, key, known[key], isMissing: isMissing, now: now, &change)
      }
    }
    return change
  }

  /// What follows for alerts of checks that no longer exist.
  func farewell(_ alerts: [Alert], now: Int64) -> AlertChange {
    var change = AlertChange()
    for alert in alerts {
      change.ended.append(alert.key)
      guard alert.told != .ok else { continue }
      let finding = Finding.gone(alert.key, "the site no longer has this check")
      change.notices.append(notice(.gone, finding, alert, now: now))
    }
    return change
  }

  private func decide(
    _ finding: Finding,
    _ key: Alert.Key,
    _ known: Alert?,
    isMissing: Bool,
    now: Int64,
    _ change: inout AlertChange
  ) {
    let own = routes.filter { route in route.to.contains { $0.name == key.notifier } }
    let wanting = own.filter { $0.takes(key.check, finding.level) }
    if let known, wanting.isEmpty, finding.level != .ok, isDropped(known, own) {
      change.ended.append(key)
      guard known.told != .ok || known.isFlapping else { return }
      change.notices.append(notice(.gone, finding, known, why: "it is no longer routed here", now: now))
      return
    }
    // Who wants to hear nothing of UNKNOWN hears no all-clear of it either.
    let isVeiled = finding.level == .unknown && wanting.isEmpty
    let level = isVeiled ? known?.seen ?? .ok : wanting.isEmpty ? .ok : finding.level
    var alert = known ?? Alert(key, seen: .ok, told: .ok, since: now, toldAt: now)
    let isChange = level != alert.seen
    if isChange, alert.seen == .ok { alert.since = now }
    let changes = (alert.changes + (isChange ? [now] : [])).filter { $0 > now - AlertRules.window }
    alert.changes = Array(changes.suffix(AlertRules.changes + 1))
    alert.seen = level
    let again = wanting.map(\.again).min() ?? Route.usualPace
    let isDue = level != .ok && now - alert.toldAt >= again.milliseconds
    var state: State?
    if isMissing, alert.told != .ok, isDue {
      state = .gone
    } else if isVeiled {
      state = nil
    } else if alert.isFlapping {
      let isCalm = alert.changes.isEmpty
      if isCalm { alert.isFlapping = false }
      state = isCalm ? settled(alert, level) : isDue ? .flapping : nil
    } else if alert.changes.count > AlertRules.changes, isChange {
      alert.isFlapping = true
      state = .flapping
    } else if level != alert.told {
      state = alert.told == .ok ? .raised : level == .ok ? .resolved : .changed
    } else if isDue {
      state = .repeated
    }
    if let state {
      let before = alert.told
      alert.told = state == .gone ? .ok : state == .flapping ? finding.level : level
      alert.toldAt = now
      change.notices.append(notice(state, finding, alert, before: before, now: now))
    }
    if state == .gone || (alert.isOver && alert.changes.isEmpty) {
      if known != nil { change.ended.append(key) }
    } else if alert != known {
      change.alerts.append(alert)
    }
  }

  /// Whether no route takes any more what a notifier was told: that is no all-clear.
  private func isDropped(_ alert: Alert, _ routes: [Route]) -> Bool {
    let (check, told) = (alert.key.check, alert.told)
    // UNKNOWN that is not told any more still ends when the check finds so.
    return !routes.contains { [.ok, .unknown].contains(told) ? $0.names(check) : $0.takes(check, told) }
  }

  /// How it came out once it no longer changes: told in any case, since the last word was that it flaps.
  private func settled(_ alert: Alert, _ level: CheckLevel) -> State { level == .ok ? .resolved : .changed }

  /// Subjects that were told of and are found no more.
  private func missing(from findings: [Finding], of check: String, _ alerts: [Alert]) -> [Finding] {
    let subjects = Set(alerts.map(\.key.subject)).subtracting(findings.map(\.subject))
    // A check that could not measure at all tells nothing about its subjects.
    let failed = findings.contains { $0.subject.isEmpty && $0.level == .unknown }
    return subjects.sorted().compactMap { subject in
      if subject.isEmpty { return findings.isEmpty ? nil : .working(check) }
      return failed ? nil : .gone(Alert.Key(check, subject, notifier: ""), "it was found before and is missing now")
    }
  }

  private func notice(
    _ state: State,
    _ finding: Finding,
    _ alert: Alert,
    before: CheckLevel? = nil,
    why: String = "",
    now: Int64
  ) -> Notice {
    let key = alert.key
    let id = SHA256(hashing: "\(site)\0\(key.check)\0\(key.subject)\0\(key.notifier)\0\(state)\0\(now)".utf8).hex
      .prefix(16)
    let said =
      switch state {
      case .raised, .changed: finding.line
      case .repeated: "\(finding.line); since \(Instant.text(alert.since)) UTC"
      case .resolved: "resolved: \(finding.line)"
      case .flapping: "flapping: \(finding.line)"
      case .gone: "gone: \(finding.line)" + (why.isEmpty ? "" : "; \(why)")
      }
    var event: [String: Value] = [
      "event": .string("finding"), "id": .string(String(id)), "state": .string(state.rawValue), "site": .string(site),
      "check": .string(key.check), "subject": .string(key.subject), "level": .string(finding.level.rawValue),
      "since": .string(Instant.stamp(alert.since)), "at": .string(Instant.stamp(now)), "text": .string(said),
      "to": .string(key.notifier), "owner": .string(finding.owner), "refs": finding.refs.value,
      "unit": .string(finding.unit), "threshold": .string(finding.threshold),
      "note": .string(why.isEmpty ? finding.note : why),
    ]
    if let before { event["before"] = .string(before.rawValue) }
    if !finding.system.isEmpty { event["system"] = .string(finding.system) }
    // A whole number stays one in JSON.
    if let value = finding.value { event["value"] = Int(exactly: value).map(Value.int) ?? .number(value) }
    return Notice(
      id: String(id),
      notifier: key.notifier,
      line: "\(key.check) \(key.subject)",
      event: .table(event),
      madeAt: now
    )
  }
}

extension Alert {
  /// Whether nobody waits to hear more of it.
  fileprivate var isOver: Bool { seen == .ok && told == .ok && !isFlapping }
}

extension Finding {
  /// What is said of a subject that is not measured any more.
  fileprivate static func gone(_ key: Alert.Key, _ note: String) -> Finding {
    said(of: key.check, key.subject, .unknown, note)
  }

  /// What is said of a check that could not measure and can again.
  fileprivate static func working(_ check: String) -> Finding { said(of: check, "", .ok, "it measures again") }

  private static func said(of check: String, _ subject: String, _ level: CheckLevel, _ note: String) -> Finding {
    Finding(
      check: check,
      system: "",
      subject: subject,
      level: level,
      value: nil,
      unit: "",
      threshold: level == .ok ? note : "",
      isOverridden: false,
      age: nil,
      evidence: .null,
      note: note,
      owner: "",
      refs: []
    )
  }
}
