import FoundationEssentials

/// The speeds an operator can choose from, in the order they are offered.
package struct SpeedTable: Codable, Equatable, Sendable {
  /// The speed when none is named (R1-13).
  package let defaultName: String
  /// The speeds, slowest first.
  package let speeds: [RolloutPolicy]

  private enum CodingKeys: String, CodingKey {
    case defaultName = "default"
    case speeds
  }

  /// The table that opsh ships, read from `speeds.json`.
  package static func builtIn() throws(RolloutError) -> SpeedTable {
    try SpeedTable(json: PackageResources.speeds_json)
  }

  /// The names of the speeds that opsh ships; empty when the file of speeds cannot be read.
  package static var names: [String] { (try? builtIn())?.speeds.map(\.name) ?? [] }

  /// Reads and checks a table; throws `speeds.invalid` with the first thing that is wrong.
  package init(json: [UInt8]) throws(RolloutError) {
    do {
      self = try JSONDecoder().decode(SpeedTable.self, from: Data(json))
    } catch let error as DecodingError {
      throw .invalidSpeeds(reason: SpeedTable.describe(error))
    } catch {
      throw .invalidSpeeds(reason: "\(error)")
    }
    if let flaw { throw .invalidSpeeds(reason: flaw) }
  }

  /// The speed with this name; throws `speed.unknown`, whose hint names the nearest.
  package func speed(named name: String) throws(RolloutError) -> RolloutPolicy {
    if let speed = speeds.first(where: { $0.name == name }) { return speed }
    throw .unknownSpeed(name: name, known: speeds.map(\.name))
  }

  private var flaw: String? {
    guard speeds.contains(where: { $0.name == defaultName }) else { return "default '\(defaultName)' is not a speed" }
    guard Set(speeds.map(\.name)).count == speeds.count else { return "two speeds have the same name" }
    for speed in speeds {
      let seconds = [
        speed.stopGraceSeconds, speed.jitterSeconds, speed.settleSeconds, speed.loginWaitSeconds,
        speed.stragglerWaitSeconds, speed.estimate.lowSeconds,
      ]
      if speed.name.isEmpty { return "a speed has no name" }
      if let window = speed.itemsAtOnce, window < 1 { return "\(speed.name): hosts_at_once must be at least 1" }
      if seconds.contains(where: { $0 < 0 }) { return "\(speed.name): seconds cannot be negative" }
      if speed.itemSeconds < 1 || speed.estimate.hosts < 1 {
        return "\(speed.name): host_seconds and estimate.hosts must be at least 1"
      }
      if speed.estimate.highSeconds < speed.estimate.lowSeconds {
        return "\(speed.name): the estimate ends before it starts"
      }
      if let unknown = speed.unknownBudget, unknown < 0 { return "\(speed.name): unknown_budget cannot be negative" }
      if let every = speed.gateEvery, every.basisPoints == 0 { return "\(speed.name): gate_every must be more than 0" }
    }
    return nil
  }

  private static func describe(_ error: DecodingError) -> String {
    let context: DecodingError.Context
    switch error {
    case .keyNotFound(let key, let place):
      return "'\(key.stringValue)' is missing\(path(place))"
    case .typeMismatch(_, let place), .valueNotFound(_, let place), .dataCorrupted(let place):
      context = place
    @unknown default:
      return "\(error)"
    }
    return context.debugDescription + path(context)
  }

  private static func path(_ context: DecodingError.Context) -> String {
    let keys = context.codingPath.map { $0.intValue.map { "speed \($0 + 1)" } ?? $0.stringValue }
    return keys.isEmpty ? "" : " (at \(keys.joined(separator: ", ")))"
  }
}
