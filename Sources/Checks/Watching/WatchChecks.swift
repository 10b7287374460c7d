import Foundation
import Foundations
import PrimitiveKit

/// The checks of the watcher itself; every site with routes has them.
enum WatchChecks {
  static let all = [age, outbox, routes]
  static let names = all.map(\.declaration.name)

  /// For another machine to ask: who is dead tells nobody (G-32).
  private static let age = Check(
    CheckDeclaration(
      WatchAge.name,
      "How long ago `opsh watch` last was at work; for a check with a route, how long it is overdue",
      unit: "s",
      ok: [.to(WatchAge.patience)],
      bad: [.above(300)]
    )
  ) { call throws(CallFailure) in
    let samples = try await call.surroundings.memory.samples(of: WatchAge.key)
    guard let seen = samples.first(where: \.subject.isEmpty) else {
      return [Measured(nil, note: "`opsh watch` never ran on this journal")]
    }
    let now = call.surroundings.world.now().timeIntervalSince1970
    let age = now - seen.last.at
    guard age >= -JudgedCheck.aheadLimit else {
      return [Measured(nil, note: "it was at work \((-age).rounded().brief) s in the future: a clock is wrong")]
    }
    let whole = Measured(max(0, age.rounded()), evidence: .table(["at": .number(seen.last.at)]))
    // One that is not at work measures nothing: that is said once.
    guard age <= WatchAge.patience else { return [whole] }
    let looks = Dictionary(samples.map { ($0.subject, $0.last.at) }, uniquingKeysWith: max)
    return [whole] + WatchAge.late(looks, now: now, in: call.surroundings)
  }

  private static let outbox = Check(
    CheckDeclaration(
      "watch.outbox",
      "Age of the oldest notice that was not delivered yet; 0 when none waits",
      unit: "s",
      ok: [.to(300)],
      bad: [.above(1800)]
    )
  ) { call throws(CallFailure) in
    guard let backlog = try await call.surroundings.outbox.backlog() else {
      return [Measured(nil, note: "`opsh watch` never ran on this journal")]
    }
    var evidence: [String: Value] = ["waiting": .table(backlog.waiting.mapValues { .int($0) })]
    if !backlog.problem.isEmpty { evidence["problem"] = .string(backlog.problem) }
    // What waits for a notifier that was taken out of the site waits for nobody.
    let stranded = backlog.stranded(in: call.surroundings)
    if !stranded.isEmpty { evidence["stranded"] = stranded.value }
    let times = backlog.oldest.filter { !stranded.contains($0.key) }.values
    let ages = times.map { Double(call.surroundings.milliseconds - $0) / 1000 }
    if let ahead = ages.min(), ahead < -JudgedCheck.aheadLimit {
      let note = "a notice was made \((-ahead).rounded().brief) s in the future: a clock is wrong"
      return [Measured(nil, evidence: .table(evidence), note: note)]
    }
    return [Measured(max(0, (ages.max() ?? 0).rounded()), evidence: .table(evidence))]
  }
}

extension WatchChecks {
  /// What nobody is told because of a name that no check has.
  static let routes = Check(
    CheckDeclaration("watch.routes", "Names and patterns in routes that select no check", ok: [.equals(0)])
  ) { call throws(CallFailure) in
    let problems = call.surroundings.checkList.routeProblems
    guard !problems.isEmpty else { return [Measured(0)] }
    let said = problems.map { [$0.message, $0.hint ?? ""].filter { !$0.isEmpty }.joined(separator: "; ") }
    return [Measured(nil, note: said.joined(separator: "; "))]
  }
}

extension Backlog {
  /// Notifiers that something waits for, and that neither the site nor a plugin has any more, by name.
  ///
  /// One that a route still names may be that of a plugin that cannot be read today.
  func stranded(in surroundings: Surroundings) -> [String] {
    let routed = Set(surroundings.sections[CheckSettings.self].routes.flatMap { $0.to.map(\.name) })
    // A route may leave out the plugin in the name of its notifier.
    let isRouted = { (name: String) in routed.contains { name == $0 || name.hasSuffix(".\($0)") } }
    return waiting.keys.filter { surroundings.notifiers[$0] == nil && !isRouted($0) }.sorted()
  }
}

/// How it is known that a watcher is at work, and which checks it looks at.
enum WatchAge {
  static let name = "watch.age"
  /// Under which name it is kept: a blank stands in no name of a check.
  static let key = "at work: opsh watch"
  /// In seconds: so late is nothing yet.
  static let patience = 60.0

  /// The checks with a route that nobody looked at in time; `looks` are seconds since 1970, as is `now`.
  static func late(_ looks: [String: Double], now: Double, in surroundings: Surroundings) -> [Measured] {
    let routes = surroundings.sections[CheckSettings.self].routes
    let routed = surroundings.checkList.checks.map(\.declaration).filter { check in
      check.name != name && routes.contains { $0.names(check.name) }
    }
    return routed.compactMap { check in
      guard let at = looks[check.name] else {
        return Measured(nil, subject: check.name, note: "`opsh watch` has not measured it")
      }
      let late = now - at - check.every.seconds
      guard at - now <= JudgedCheck.aheadLimit else {
        return Measured(nil, subject: check.name, note: "it was measured in the future: a clock is wrong")
      }
      return late <= patience
        ? nil : Measured(late.rounded(), evidence: .table(["at": .number(at)]), subject: check.name)
    }
  }
}
