import PrimitiveKit

/// Asks the checks that the site names before more is changed, and those that a runbook cures after it.
struct CheckGate: Gate {
  let name = "checks"

  func watchesWaves(in surroundings: Surroundings) -> Bool { !siteGates(surroundings).isEmpty }

  func judge(_ point: GatePoint, in surroundings: Surroundings) async -> GuardAnswer {
    await standing(at: point, in: surroundings).answer
  }

  func standing(at point: GatePoint, in surroundings: Surroundings) async -> GateStanding {
    let findings: [Finding]
    do throws(CallFailure) {
      let checks = try checks(at: point, in: surroundings)
      guard !checks.isEmpty else { return GateStanding(answer: .allow) }
      findings = try await CheckRunner(surroundings).findings(of: checks)
    } catch {
      return GateStanding(answer: .unknown(error.message))
    }
    let names = subjects(in: surroundings).joined(separator: ", ")
    let lines = ["\(names): \(findings.summary)"] + findings.filter { $0.level != .ok }.lines
    return GateStanding(answer: answer(findings), lines: lines)
  }

  func subjects(in surroundings: Surroundings) -> [String] { siteGates(surroundings) }

  func problem(in surroundings: Surroundings) -> CallFailure? { surroundings.checkList.gateProblems.first }

  private func answer(_ findings: [Finding]) -> GuardAnswer {
    guard let worst = findings.first else { return .unknown("nothing was checked") }
    let more = findings.dropFirst().count { $0.level == worst.level }
    let said = worst.line + (more == 0 ? "" : ", and \(more) more")
    return switch worst.level {
    case .ok, .warn: .allow
    case .bad: .refuse(said, hint: "`why(\"\(worst.check)\")` tells more")
    case .unknown: .unknown(said)
    }
  }

  /// Each subject that is BAD by itself: a rollback stops for one that was not BAD when it began.
  func refusals(at point: GatePoint, in surroundings: Surroundings) async -> [String: String] {
    // A check that cannot be measured is never worse than before.
    guard let checks = try? checks(at: point, in: surroundings),
      let findings = try? await CheckRunner(surroundings).findings(of: checks)
    else { return [:] }
    let bad = findings.filter { $0.level == .bad }.map { ("\(name): \($0.title)", "\($0.measured); \($0.threshold)") }
    return Dictionary(bad, uniquingKeysWith: { one, _ in one })
  }

  /// What a runbook is to cure, as it is now.
  func remarks(at point: GatePoint, in surroundings: Surroundings) async -> [String] {
    guard case .runbook(_, let cures) = point, !cures.isEmpty else { return [] }
    do throws(CallFailure) {
      let checks = try self.checks(cures, in: surroundings)
      return try await CheckRunner(surroundings).findings(of: checks).filter { $0.level != .ok }.lines
    } catch {
      return [error.message]
    }
  }

  private func checks(at point: GatePoint, in surroundings: Surroundings) throws(CallFailure) -> [JudgedCheck] {
    if case .cured(_, let cures) = point { return try checks(cures, in: surroundings) }
    let gates = siteGates(surroundings)
    guard !gates.isEmpty else { return [] }
    let list = surroundings.checkList
    if let problem = list.gateProblems.first { throw problem }
    let checks = try list.selected(by: gates)
    guard case .runbook(_, let cures) = point else { return checks }
    let cured = cures.map { Wildcard($0) }
    return checks.filter { check in !cured.contains { $0.matches(check.declaration.name) } }
  }

  /// A general runbook cures what there is: only a pattern may select nothing.
  private func checks(_ cures: [String], in surroundings: Surroundings) throws(CallFailure) -> [JudgedCheck] {
    let list = surroundings.checkList
    let patterns = cures.filter { cure in !(cure.contains("*") || cure.contains("?")) || list.has(cure) }
    return patterns.isEmpty ? [] : try list.selected(by: patterns)
  }

  private func siteGates(_ surroundings: Surroundings) -> [String] { surroundings.sections[CheckSettings.self].gates }
}
