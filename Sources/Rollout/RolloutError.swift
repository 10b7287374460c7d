package import PrimitiveKit

/// Why a rollout cannot be planned.
package enum RolloutError: OperatorError, Equatable {
  /// No speed has this name; `known` are those that there are.
  case unknownSpeed(name: String, known: [String])
  /// The speed may only be used for the whole fleet (seed 001: "immediate (all only)").
  case needsWholeFleet(speed: String)
  /// The file of speeds cannot be read.
  case invalidSpeeds(reason: String)
  /// There is nothing to roll to.
  case noItems
  /// An item is named twice.
  case repeatedItem(String)
  /// The canary is not one of the items to roll to.
  case unknownCanary(String)

  package var failureClass: FailureClass { .invalid }

  package var code: String {
    switch self {
    case .unknownSpeed: "speed.unknown"
    case .needsWholeFleet: "speed.needs_whole_fleet"
    case .invalidSpeeds: "speeds.invalid"
    case .noItems: "rollout.no_hosts"
    case .repeatedItem: "rollout.repeated_host"
    case .unknownCanary: "rollout.unknown_canary"
    }
  }

  package var message: String {
    switch self {
    case .unknownSpeed(let name, _): "unknown speed '\(name)'"
    case .needsWholeFleet(let speed): "speed '\(speed)' is for the whole fleet only, but the target is not 'all'"
    case .invalidSpeeds(let reason): "the speed table cannot be used: \(reason)"
    case .noItems: "the rollout has nothing to change"
    case .repeatedItem(let item): "'\(item)' is in the rollout twice"
    case .unknownCanary(let item): "the canary '\(item)' is not part of this rollout"
    }
  }

  package var hint: String? {
    switch self {
    case .unknownSpeed(let name, let known):
      name.contains("%")
        ? "a speed is a fixed number of hosts at once, not a percentage; speeds: \(known.joined(separator: ", "))"
        : [NearestName.question(for: name, in: known), "speeds: \(known.joined(separator: ", "))"]
          .compactMap(\.self).joined(separator: " ")
    case .needsWholeFleet: "use 'routine' or 'fast', or set target=\"all\""
    case .invalidSpeeds: "compare it with the table in the documentation of speeds"
    case .noItems: "widen the target, or check what was excluded"
    case .repeatedItem: "name each item once"
    case .unknownCanary: "choose a canary from the target that is not excluded"
    }
  }
}
