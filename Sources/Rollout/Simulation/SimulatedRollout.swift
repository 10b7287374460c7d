/// What a simulated rollout came to.
package struct SimulatedRollout: Equatable, Sendable {
  /// Plays this rollout again, with the same simulator.
  package let seed: UInt64
  /// Every host in its class.
  package let report: RolloutReport
  /// Virtual duration from the first start to the end of the last host.
  package let milliseconds: Int
  /// Most hosts in flight at once, those in their delay included.
  package let peakInFlight: Int
  /// Most bots that logged in at once: those of the hosts being worked on.
  package let peakLogins: Int
  /// Bots on every host.
  package let botsPerHost: Int
  /// Broken promises; empty for a sound rollout.
  package let violations: [String]
  /// A digest of every event in its order.
  package let fingerprint: UInt64
  /// One line per event when it was replayed, else empty.
  package let trace: [String]

  /// Hosts that ended failed, unhealthy or unknown.
  package var hostsHurt: Int {
    let tally = report.tally
    return tally.errors + tally.unknown
  }

  /// Bots on those hosts.
  package var botsHurt: Int { hostsHurt * botsPerHost }

  /// Hosts on which something was done.
  package var hostsTouched: Int {
    hostsHurt + report.results.count { $0.outcomeClass == .ok && !$0.unchanged }
  }
}
