import Foundation
import PrimitiveKit

/// The checks of the watcher itself; every site with routes has them.
enum WatchChecks {
  static let all = [age, outbox, routes]
  static let names = all.map(\.declaration.name)

  /// For another machine to ask: who is dead tells nobody (G-32).
  private static let age = Check(
    CheckDeclaration(
      WatchAge.name,
      "How long ago `opsh watch` last was at work",
      unit: "s",
      ok: [.to(60)],
      bad: [.above(300)]
    )
  ) { call throws(CallFailure) in
    guard let seen = try await call.surroundings.memory.samples(of: WatchAge.key).first else {
      return [Measured(nil, note: "`opsh watch` never ran on this journal")]
    }
    let age = call.surroundings.world.now().timeIntervalSince1970 - seen.last.at
    guard age >= -JudgedCheck.aheadLimit else {
      return [Measured(nil, note: "it was at work \((-age).rounded().brief) s in the future: a clock is wrong")]
    }
    return [Measured(max(0, age.rounded()), evidence: .table(["at": .number(seen.last.at)]))]
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
    let age = backlog.oldest.map { Double(call.surroundings.milliseconds - $0) / 1000 } ?? 0
    return [Measured(max(0, age.rounded()), evidence: .table(evidence))]
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

/// How it is known that a watcher is at work.
enum WatchAge {
  static let name = "watch.age"
  /// Under which name it is kept: a blank stands in no name of a check.
  static let key = "at work: opsh watch"
}
