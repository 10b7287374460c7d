import PrimitiveKit

extension RolloutCrew {
  /// Begins, or takes up what an earlier process left; the work of that one is recalled, finished or found not begun.
  mutating func begin(_ group: inout Group) async {
    guard !log.past.isEmpty else { return await take(.begin, &group) }
    var open: [RolloutCommand] = decider.step(.begin)
    for event in log.past {
      open.removeAll { $0.isSettled(by: event) }
      open += decider.step(event)
    }
    await recall()
    tell(.takenUp)
    await prove(&group)
    let isHalted = decider.halt != nil
    for case .start(let host, _) in open where isHalted { begin(host, &group, onlyTakingUp: true) }
    open.removeAll { if case .start = $0 { isHalted } else { false } }
    carryOut(open, &group)
  }

  /// Looks again for hosts whose outcome nobody knew.
  private mutating func prove(_ group: inout Group) async {
    let unknown = decider.report.hosts(.unknown).compactMap { decider.plan.order.firstIndex(of: $0) }
    let inDoubt = unknown.filter { position in log.past.contains { $0.isUnknownOutcome(of: position) } }
    let found = await withTaskGroup(of: (Int, HostOutcome?).self) { group in
      for position in inDoubt {
        let host = name(position)
        group.addTask { [worker] in (position, try? await worker.takeUp(host)) }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    for case (let position, let outcome?) in found where outcome.outcomeClass != .unknown {
      await take(.proved(position, outcome), &group, telling: .proved(host: name(position), outcome: outcome))
    }
  }

  /// Tells the worker of the hosts that are finished, all at once.
  private func recall() async {
    var finished: [String] = []
    for case .finished(let host, _) in log.past where decider.plan.order.indices.contains(host) {
      finished.append(name(host))
    }
    await withTaskGroup(of: Void.self) { group in
      for host in finished { group.addTask { [worker] in await worker.recall(host) } }
    }
  }
}

extension RolloutCommand {
  /// Whether this event of the past says that the command was carried out.
  fileprivate func isSettled(by event: RolloutEvent) -> Bool {
    switch (self, event) {
    case (.start(let host, _), .finished(let other, _)): host == other
    case (.runGate, .gate), (.paused, .resume), (.paused, .abort): true
    default: false
    }
  }
}

extension RolloutEvent {
  fileprivate func isUnknownOutcome(of position: Int) -> Bool {
    if case .finished(position, .unknown) = self { true } else { false }
  }
}
