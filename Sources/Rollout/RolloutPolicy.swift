/// One speed: how many hosts at once, when to stop, when to look; a row of `speeds.json`.
///
/// Numbers from seed 001 (R1-10, R1-11, R1-12, R1-15, R1-28 … R1-31, R1-36, numbers register 2.6):
///
/// | speed | hosts at once | stop | halt | jitter | estimate for 178 hosts |
/// |---|---|---|---|---|---|
/// | routine | 5 | 35 s | 10 % | none | 15-30 min |
/// | fast | 10 | 20 s | 10 % | none | 8-15 min |
/// | immediate | all | 5 s | never | ≤ 60 s | fires over 60 s |
///
/// Settle 5 s and no login wait for immediate: R1-30. Gate after a tenth, unknown budget 0, unreachable budget
/// max(2, 1 %): DESIGN 7, reference fleet 4.2. Settle 10 s: reference fleet 4.1 (`min_healthy`). Chosen here, since
/// the seed gives none: login wait 20 s, straggler wait 60 s (the seed's sample countdown shows 41 s of it left).
/// Host seconds are the middle of the estimate over the waves of 178 hosts (1350 s / 36, 690 s / 18); for immediate
/// stop 5 + settle 5 + 10 for the swap.
package struct RolloutPolicy: Codable, Equatable, Sendable {
  /// The name operators type.
  package var name: String
  /// When to use it, in a few words (R1-13).
  package var summary: String
  /// The window: hosts in flight at once, an absolute number (R1-28); nil is all.
  package var itemsAtOnce: Int?
  /// Seconds a bot has to stop by itself.
  package var stopGraceSeconds: Int
  /// The share of the frozen host set that may fail; nil never halts.
  package var haltRatio: Ratio?
  /// Hosts whose outcome may stay unknown; nil never halts.
  package var unknownBudget: Int?
  /// Unreachable hosts that are always allowed; nil, together with the ratio, never halts.
  package var unreachableLeast: Int?
  /// The share of the host set that may be unreachable when that is more than the least.
  package var unreachableRatio: Ratio?
  /// Whether window and error budget grow with successes.
  package var ramp: Bool
  /// The share of the fleet between gates; nil runs no gate.
  package var gateEvery: Ratio?
  /// What an inconclusive gate means; batch runs use `fail`.
  package var inconclusiveGate: InconclusiveGate
  /// The longest random wait before a host starts, in seconds.
  package var jitterSeconds: Int
  /// Seconds a new bot must stay the same instance, unrestarted, to count as stable.
  package var settleSeconds: Int
  /// Seconds the informational login poll may take on a host; 0 skips it.
  package var loginWaitSeconds: Int
  /// Seconds between the verification and the re-check of stragglers.
  package var stragglerWaitSeconds: Int
  /// Seconds one host usually takes, used until there are measured times.
  package var itemSeconds: Int
  /// How long the seed says a rollout takes.
  package var estimate: Estimate
  /// Whether only the whole fleet may be rolled at this speed.
  package var wholeFleetOnly: Bool

  /// A documented duration and the number of hosts it was documented for.
  package struct Estimate: Codable, Equatable, Sendable {
    package var lowSeconds: Int
    package var highSeconds: Int
    package var hosts: Int

    private enum CodingKeys: String, CodingKey {
      case lowSeconds = "low_seconds"
      case highSeconds = "high_seconds"
      case hosts
    }
  }

  /// What to do when a gate can say neither pass nor fail.
  package enum InconclusiveGate: String, Codable, Sendable {
    /// Pause and ask.
    case pause
    /// Stop, as after a failed gate; for runs that nobody watches.
    case fail
  }

  private enum CodingKeys: String, CodingKey {
    case name
    case summary
    case itemsAtOnce = "hosts_at_once"
    case stopGraceSeconds = "stop_grace_seconds"
    case haltRatio = "halt_ratio"
    case unknownBudget = "unknown_budget"
    case unreachableLeast = "unreachable_least"
    case unreachableRatio = "unreachable_ratio"
    case ramp
    case gateEvery = "gate_every"
    case inconclusiveGate = "inconclusive_gate"
    case jitterSeconds = "jitter_seconds"
    case settleSeconds = "settle_seconds"
    case loginWaitSeconds = "login_wait_seconds"
    case stragglerWaitSeconds = "straggler_wait_seconds"
    case itemSeconds = "host_seconds"
    case estimate
    case wholeFleetOnly = "whole_fleet_only"
  }
}
