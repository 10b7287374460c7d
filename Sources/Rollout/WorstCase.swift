/// How much a rollout can hurt before it stops, in numbers (R1-36).
package struct WorstCase: Codable, Equatable, Sendable {
  /// Errors that do not stop the rollout; nil when nothing does.
  package let tolerated: Int?
  /// Hosts in flight at once, at most.
  package let window: Int
  /// Hosts hurt, at most.
  package let hosts: Int
  /// Bots on a host.
  package let botsPerHost: Int
  /// Hosts touched by a release that fails everywhere.
  package let badReleaseHosts: Int

  /// Bots hurt, at most.
  package var bots: Int { hosts * botsPerHost }

  /// Bots touched by a release that fails everywhere.
  package var badReleaseBots: Int { badReleaseHosts * botsPerHost }

  /// The error that stops the rollout, counted from 1; nil when none does.
  package var stopsAt: Int? { tolerated.map { $0 + 1 } }
}
