package import PrimitiveKit

extension Domain {
  /// Measurements that are judged, and gates made of them (DESIGN section 15).
  package static var checking: Domain {
    var domain = Domain("checks")
    domain.siteSections = [CheckSettings.self]
    domain.checks = HostChecks.all + WatchChecks.all
    domain.gates = [CheckGate()]
    domain.shapes = CheckShapes.all
    domain.errors = { info in
      guard info.parameters.contains(where: { ["name", "names"].contains($0.name) }) else { return [] }
      let unknown = [ErrorInfo("check.unknown", "no check has this name")]
      switch info.name {
      case "gate": return unknown + [ErrorInfo("gate.closed", "a finding is BAD or UNKNOWN")]
      case "check.soak": return unknown + [ErrorInfo("check.findings", "a sample does not pass")]
      default: return unknown
      }
    }
    domain.banner = [CheckNotice()]
    domain.candidates = [CandidateKind(.named("checks")) { $0.checkList.checks.map(\.declaration.name) }]
    domain.commands = [.check, .watch]
    domain.primitives = { surroundings in CheckPrimitives(surroundings: surroundings).all }
    return domain
  }
}

/// Says at the start of a session which overrides of the site cannot hold.
private struct CheckNotice: BannerLine {
  func lines(in surroundings: Surroundings) async -> [String] {
    surroundings.checkList.problems.map { "checks: \($0.message)" }
  }
}
