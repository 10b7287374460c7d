/// What changes happen on, and which lock it obeys: hosts, databases.
package protocol EpochFence: Sendable {
  /// The kinds of scope that it looks after, such as `host`.
  var kinds: Set<String> { get }

  /// Tells these of a newer lock, all at once: from then on they refuse whoever held the one before.
  ///
  /// `journal` is the id of the journal that granted it. Answers those that may still obey an older epoch.
  func fence(_ scopes: [LockScope], epoch: Int, journal: String, in surroundings: Surroundings) async -> [LockScope]

  /// The newest epoch that each of these has obeyed, and those that did not say.
  func epochs(of scopes: [LockScope], in surroundings: Surroundings) async -> SeenEpochs

  /// Mends those that have an absurd epoch; answers the failures.
  func reset(
    _ scopes: [LockScope],
    to epoch: Int,
    journal: String,
    in surroundings: Surroundings
  ) async -> [LockScope: CallFailure]
}

/// What hosts and databases said of the epochs that they obeyed.
package struct SeenEpochs: Sendable, Equatable {
  package var seen: [LockScope: Int]
  /// Those that did not say.
  package var silent: Set<LockScope>

  package init(seen: [LockScope: Int] = [:], silent: Set<LockScope> = []) {
    self.seen = seen
    self.silent = silent
  }
}

/// The fences of all domains; each is asked for what it looks after.
package struct EpochFences: Sendable {
  private let fences: [any EpochFence]
  private let surroundings: Surroundings?

  /// Where nothing keeps an epoch: for tests of other things.
  package init() { (fences, surroundings) = ([], nil) }

  package init(_ fences: [any EpochFence], in surroundings: Surroundings) {
    self.fences = fences
    self.surroundings = surroundings
  }

  /// The kinds of scope behind which something keeps an epoch.
  package var kinds: Set<String> { fences.reduce(into: []) { $0.formUnion($1.kinds) } }

  /// Those of these scopes that something keeps an epoch of, each once and as an exclusive one.
  package func kept(_ scopes: [LockScope]) -> [LockScope] { EpochFences.named(kinds, scopes) }

  /// Tells what is behind these scopes of a newer lock; answers those that may still obey an older one.
  package func fence(_ scopes: [LockScope], epoch: Int, journal: String) async -> [LockScope] {
    var left: Set<LockScope> = []
    await each(scopes) { fence, own, surroundings in
      left.formUnion(await fence.fence(own, epoch: epoch, journal: journal, in: surroundings))
    }
    return kept(scopes).filter(left.contains)
  }

  /// The newest epoch that anything behind each scope has obeyed.
  package func epochs(of scopes: [LockScope]) async -> SeenEpochs {
    var found = SeenEpochs()
    await each(scopes) { fence, own, surroundings in
      let answer = await fence.epochs(of: own, in: surroundings)
      found.seen.merge(answer.seen, uniquingKeysWith: max)
      found.silent.formUnion(answer.silent)
    }
    return found
  }

  /// Mends what has an absurd epoch; answers the failures.
  package func reset(_ scopes: [LockScope], to epoch: Int, journal: String) async -> [LockScope: CallFailure] {
    var failures: [LockScope: CallFailure] = [:]
    await each(scopes) { fence, own, surroundings in
      let answer = await fence.reset(own, to: epoch, journal: journal, in: surroundings)
      failures.merge(answer) { first, _ in first }
    }
    return failures
  }

  private func each(
    _ scopes: [LockScope],
    _ body: (any EpochFence, [LockScope], Surroundings) async -> Void
  ) async {
    guard let surroundings else { return }
    for fence in fences {
      let own = EpochFences.named(fence.kinds, scopes)
      if !own.isEmpty { await body(fence, own, surroundings) }
    }
  }

  private static func named(_ kinds: Set<String>, _ scopes: [LockScope]) -> [LockScope] {
    var seen: Set<[String]> = []
    return scopes.filter { $0.mode == .exclusive || $0.mode == .shared }.compactMap { scope in
      guard scope.path.count == 2, kinds.contains(scope.path[0]), seen.insert(scope.path).inserted else { return nil }
      return LockScope(path: scope.path)
    }
  }
}
