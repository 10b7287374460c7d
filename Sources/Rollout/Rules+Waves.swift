package import PrimitiveKit

extension Rules {
  /// A rollout's own gate and then those of all domains; nil when there is neither.
  package func gating(
    _ own: (@Sendable ([String]) async -> GateVerdict)?
  ) -> (@Sendable ([String]) async -> GateVerdict)? {
    guard hasGates else { return own }
    return { done in
      if let own {
        let verdict = await own(done)
        guard verdict == .pass else { return verdict }
      }
      return await self.verdict(on: done)
    }
  }

  /// What the gates of all domains say after a wave of a rollback: only what they did not refuse when it began stops it.
  package func verdict(on done: [String], since start: Set<String>) async -> GateVerdict {
    let worse = await refusals(at: .wave(done: done)).filter { !start.contains($0.key) }.sorted { $0.key < $1.key }
    return worse.first.map { .fail("\($0.key): \($0.value)") } ?? .pass
  }

  /// What the gates of all domains say after a wave.
  package func verdict(on done: [String]) async -> GateVerdict {
    switch await passes(.wave(done: done)) {
    case .allow: .pass
    case .refuse(let why, _): .fail(why)
    case .unknown(let why): .inconclusive(why)
    }
  }
}
