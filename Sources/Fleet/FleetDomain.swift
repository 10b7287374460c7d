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
    domain.lockKinds = [
      LockKind("host") { $0.site?.hosts.map(\.name) },
      LockKind("environment") { $0.site?.groupNames },
      LockKind("environment", "system") { $0.site?.groupNames },
    ]
    let images = KeptImages()
    domain.candidates = [
      CandidateKind(.hosts) { $0.site?.hostNames.names ?? [] },
      CandidateKind(.bots) { $0.site?.botNames.names ?? [] },
      CandidateKind(.selectors) { $0.site.map(Fleet.selectors) ?? [] },
      CandidateKind(.images) { images.known(in: $0) },
    ]
    domain.fences = [HostFence()]
    domain.hooks = [.deployed]
    domain.checks = [.drift, .images]
    domain.commands = [.lift, .stop]
    domain.primitives = { surroundings throws(CallFailure) in try Fleet(surroundings).primitives }
    domain.errors = FleetErrors.of
    domain.access = { _ in .effects(on: "hosts") }
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
      systems: surroundings.catalogOfSystems,
      world: surroundings.world,
      dialogue: surroundings.dialogue,
      options: surroundings.options,
      interruptions: surroundings.interruptions,
      runs: surroundings.runs,
      stops: surroundings.stops,
      releases: surroundings.releases,
      hooks: surroundings.hooks,
      hostTimes: surroundings.hostTimes
    )
  }

  fileprivate static func selectors(_ site: Site) -> [String] {
    site.groupNames.map { "@\($0)" } + site.hostNames.names + site.botNames.names
  }
}

/// Tells hosts of a newer lock, and the operator of what is at work there.
private struct HostFence: EpochFence {
  let kinds: Set<String> = ["host"]

  func fence(_ scopes: [LockScope], epoch: Int, journal: String, in surroundings: Surroundings) async -> [LockScope] {
    guard let fleet = try? Fleet(surroundings), let site = surroundings.site else { return scopes }
    let report = await fleet.fence(site.hosts(behind: scopes), epoch: epoch, journal: journal)
    for answer in report.atWork {
      let work = answer.atWork ?? ""
      surroundings.dialogue.say("  \(answer.host): a change by the previous run is still in progress (\(work))")
    }
    return report.notReached.map { .host($0.host) }
  }

  func epochs(of scopes: [LockScope], in surroundings: Surroundings) async -> SeenEpochs {
    guard let fleet = try? Fleet(surroundings), let site = surroundings.site else {
      return SeenEpochs(silent: Set(scopes))
    }
    let (seen, silent) = await fleet.epochs(of: site.hosts(behind: scopes))
    var found = SeenEpochs(silent: Set(silent.map { .host($0) }))
    for (host, epoch) in seen { found.seen[.host(host)] = epoch }
    return found
  }

  func reset(
    _ scopes: [LockScope],
    to epoch: Int,
    journal: String,
    in surroundings: Surroundings
  ) async -> [LockScope: CallFailure] {
    guard let fleet = try? Fleet(surroundings), let site = surroundings.site else { return [:] }
    let report = await fleet.resetEpochs(of: site.hosts(behind: scopes), to: epoch, journal: journal)
    var failures: [LockScope: CallFailure] = [:]
    for answer in report.notReached { failures[.host(answer.host)] = answer.problem }
    return failures
  }
}

extension Site {
  fileprivate func hosts(behind scopes: [LockScope]) -> [Host] { scopes.compactMap { host(named: $0.path[1]) } }
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
