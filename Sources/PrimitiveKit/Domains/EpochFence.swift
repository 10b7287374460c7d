/// What changes happen on, and which lock it obeys: hosts, databases.
package protocol EpochFence: Sendable {
  /// Tells these hosts of a newer lock, all at once: from then on they refuse whoever held the one before.
  ///
  /// `journal` is the id of the journal that granted it. Answers those that may still obey an older epoch.
  func fence(_ hosts: [String], epoch: Int, journal: String, in surroundings: Surroundings) async -> [String]

  /// The newest epoch that each of these hosts has obeyed, and the hosts that did not say.
  func epochs(of hosts: [String], in surroundings: Surroundings) async -> SeenEpochs

  /// Mends hosts that have an absurd epoch; answers the failures by host.
  func reset(
    _ hosts: [String],
    to epoch: Int,
    journal: String,
    in surroundings: Surroundings
  ) async -> [String: CallFailure]
}

/// What hosts said of the epochs that they obeyed.
package struct SeenEpochs: Sendable, Equatable {
  package var seen: [String: Int]
  /// Hosts that did not say.
  package var silent: Set<String>

  package init(seen: [String: Int] = [:], silent: Set<String> = []) {
    self.seen = seen
    self.silent = silent
  }
}

/// The fences of all domains, asked together.
package struct EpochFences: Sendable {
  private let fences: [any EpochFence]
  private let surroundings: Surroundings

  init(_ fences: [any EpochFence], in surroundings: Surroundings) {
    self.fences = fences
    self.surroundings = surroundings
  }

  /// Tells hosts of a newer lock; answers those that may still obey an older one.
  package func fence(_ hosts: [String], epoch: Int, journal: String) async -> [String] {
    var left: Set<String> = []
    for fence in fences {
      left.formUnion(await fence.fence(hosts, epoch: epoch, journal: journal, in: surroundings))
    }
    return hosts.filter(left.contains)
  }

  /// The newest epoch that anything on each host has obeyed.
  package func epochs(of hosts: [String]) async -> SeenEpochs {
    var found = SeenEpochs()
    for fence in fences {
      let answer = await fence.epochs(of: hosts, in: surroundings)
      found.seen.merge(answer.seen, uniquingKeysWith: max)
      found.silent.formUnion(answer.silent)
    }
    return found
  }

  /// Mends hosts that have an absurd epoch; answers the failures by host.
  package func reset(_ hosts: [String], to epoch: Int, journal: String) async -> [String: CallFailure] {
    var failures: [String: CallFailure] = [:]
    for fence in fences {
      let answer = await fence.reset(hosts, to: epoch, journal: journal, in: surroundings)
      failures.merge(answer) { first, _ in first }
    }
    return failures
  }
}
