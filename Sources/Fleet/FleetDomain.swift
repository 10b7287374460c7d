import HostScript
package import PrimitiveKit
import Site
import Synchronization

extension Domain {
  /// Hosts and bots: who is there, what runs, deploys, commands and files.
  package static var fleet: Domain {
    var domain = Domain("fleet")
    domain.operations = Fleet.operationKinds
    domain.siteSections = [FleetSettings.self]
    domain.lockKinds = [LockKind("host"), LockKind("environment"), LockKind("environment", "system")]
    let images = KeptImages()
    domain.candidates = [
      CandidateKind(.hosts) { $0.site?.hostNames.names ?? [] },
      CandidateKind(.bots) { $0.site?.botNames.names ?? [] },
      CandidateKind(.selectors) { $0.site.map(Fleet.selectors) ?? [] },
      CandidateKind(.images) { images.known(in: $0) },
    ]
    domain.fences = [HostFence()]
    domain.primitives = { surroundings throws(CallFailure) in try Fleet(surroundings).primitives }
    return domain
  }
}

extension Surroundings {
  private enum HostTimesKey: SurroundingsKey {
    static var fallback: HostTimes { HostTimes() }
  }

  /// The seconds that deploys last took on each host.
  package var hostTimes: HostTimes {
    get { self[HostTimesKey.self] }
    set { self[HostTimesKey.self] = newValue }
  }
}

extension Fleet {
  /// The fleet of these surroundings; throws `speeds.invalid`.
  package init(_ surroundings: Surroundings) throws(CallFailure) {
    try self.init(
      site: surroundings.site,
      runtimes: surroundings.runtimes,
      world: surroundings.world,
      dialogue: surroundings.dialogue,
      options: surroundings.options,
      interruptions: surroundings.interruptions,
      runs: surroundings.runs,
      stops: surroundings.stops,
      releases: surroundings.releases,
      hostTimes: surroundings.hostTimes
    )
  }

  fileprivate static func selectors(_ site: Site) -> [String] {
    site.groupNames.map { "@\($0)" } + site.hostNames.names + site.botNames.names
  }
}

/// Tells hosts of a newer lock, and the operator of what is at work there.
private struct HostFence: EpochFence {
  func fence(_ hosts: [String], epoch: Int, journal: String, in surroundings: Surroundings) async -> [String] {
    guard let fleet = try? Fleet(surroundings), let site = surroundings.site else { return hosts }
    let report = await fleet.fence(hosts.compactMap { site.host(named: $0) }, epoch: epoch, journal: journal)
    for answer in report.atWork {
      let work = answer.atWork ?? ""
      surroundings.dialogue.say("  \(answer.host): a change of the run before is still at work (\(work))")
    }
    return report.notReached.map(\.host)
  }

  func epochs(of hosts: [String], in surroundings: Surroundings) async -> SeenEpochs {
    guard let fleet = try? Fleet(surroundings), let site = surroundings.site else {
      return SeenEpochs(silent: Set(hosts))
    }
    let (seen, silent) = await fleet.epochs(of: hosts.compactMap { site.host(named: $0) })
    return SeenEpochs(seen: seen, silent: Set(silent))
  }

  func reset(
    _ hosts: [String],
    to epoch: Int,
    journal: String,
    in surroundings: Surroundings
  ) async -> [String: CallFailure] {
    guard let fleet = try? Fleet(surroundings), let site = surroundings.site else { return [:] }
    let report = await fleet.resetEpochs(of: hosts.compactMap { site.host(named: $0) }, to: epoch, journal: journal)
    var failures: [String: CallFailure] = [:]
    for answer in report.notReached { failures[answer.host] = answer.problem }
    return failures
  }
}

/// The images that completion offers, kept from one key to the next.
private final class KeptImages: Sendable {
  private let kept = Mutex<OfferedImages?>(nil)

  /// The names as they are known now.
  func known(in surroundings: Surroundings) -> [String] {
    let images = kept.withLock { kept in
      if kept == nil { kept = (try? Fleet(surroundings)).map { OfferedImages($0) } }
      return kept
    }
    return images?.known ?? []
  }
}
