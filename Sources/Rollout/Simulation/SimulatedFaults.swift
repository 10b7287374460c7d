import PrimitiveKit

/// What goes wrong in a simulated rollout, as chances in 1000 per host or gate.
package struct SimulatedFaults: Codable, Equatable, Sendable {
  /// The work fails at some step and is rolled back.
  package var fail = 0
  /// The new version starts, then flaps: the settle window sees restarts.
  package var flap = 0
  /// The host cannot be reached at all.
  package var unreachable = 0
  /// The connection is lost midway.
  package var unknown = 0
  /// Of the unknown ones, how many prove to be fine later.
  package var lateSuccess = 0
  /// The host takes three to six times as long.
  package var slow = 0
  /// The host already is at the target.
  package var unchanged = 0
  /// A gate fails.
  package var gateFail = 0
  /// A gate is inconclusive.
  package var gateInconclusive = 0
  /// The release is bad on every host: it fails or flaps wherever it starts.
  package var badRelease = false
  /// Faults of certain hosts, by position in the plan's order; they come before every chance.
  package var forced: [Int: SimulatedFault] = [:]

  package init() {}

  /// Draws what happens to one host.
  func draw(position: Int, _ random: inout SplitMix64) -> SimulatedFault {
    if !forced.isEmpty, let fault = forced[position] { return fault }
    let roll = random.next(through: 999)
    if badRelease { return roll < 500 ? .fail : .flap }
    var limit = fail
    if roll < limit { return .fail }
    limit += flap
    if roll < limit { return .flap }
    limit += unreachable
    if roll < limit { return .unreachable }
    limit += unknown
    if roll < limit { return random.chance(perMille: lateSuccess) ? .lateSuccess : .unknown }
    limit += slow
    if roll < limit { return .slow }
    limit += unchanged
    return roll < limit ? .unchanged : .none
  }
}

/// What happens to one simulated host.
package enum SimulatedFault: String, Codable, CaseIterable, Sendable {
  case none
  case fail
  case flap
  case unreachable
  case unknown
  case lateSuccess
  case slow
  case unchanged
}
