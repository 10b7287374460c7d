import PrimitiveKit

extension RolloutLoop {
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
    for case .start(let item, _) in open where isHalted { begin(item, &group, onlyTakingUp: true) }
    open.removeAll { if case .start = $0 { isHalted } else { false } }
    carryOut(open, &group)
  }

  /// Looks again for items whose outcome nobody knew.
  private mutating func prove(_ group: inout Group) async {
    let unknown = decider.report.items(.unknown).compactMap { decider.plan.order.firstIndex(of: $0) }
    let inDoubt = unknown.filter { position in log.past.contains { $0.isUnknownOutcome(of: position) } }
    let found = await withTaskGroup(of: (Int, ItemOutcome?).self) { group in
      for position in inDoubt {
        let item = name(position)
        group.addTask { [worker] in (position, try? await worker.takeUp(item)) }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    for case (let position, let outcome?) in found where outcome.outcomeClass != .unknown {
      await take(.proved(position, outcome), &group, telling: .proved(item: name(position), outcome: outcome))
    }
  }

  /// Tells the worker of the items that are finished, all at once.
  private func recall() async {
    var finished: [String] = []
    for case .finished(let item, _) in log.past where decider.plan.order.indices.contains(item) {
      finished.append(name(item))
    }
    await withTaskGroup(of: Void.self) { group in
      for item in finished { group.addTask { [worker] in await worker.recall(item) } }
    }
  }
}

extension RolloutCommand {
  /// Whether this event of the past says that the command was performed.
  fileprivate func isSettled(by event: RolloutEvent) -> Bool {
    switch (self, event) {
    case (.start(let item, _), .finished(let other, _)): item == other
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
