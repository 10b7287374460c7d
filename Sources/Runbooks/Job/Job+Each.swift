import Journal
import PrimitiveKit
import Rollout
import Runs
import Synchronization

extension Job {
  /// Runs a body for every item through the rollout engine, each item a step of its own.
  ///
  /// Throws `rollout.*` when budgets or a gate stop it, and what keeps a run from going on.
  nonisolated func each(_ name: String, _ items: [String], body: Int, _ options: EachOptions, in scope: RunScope)
    async throws(CallFailure) -> Value
  {
    let path = try scope.path(of: name)
    // The set is frozen: a resumed run goes over the same items, whatever the site says by then.
    let items = try await run.recorded("items", at: path) { () throws(CallFailure) in items }
    try await begin(path, name, detail: "\(items.count.counted("item")): \(NameSet(names: items).folded)")
    // Undo and attempts are the items'.
    var step = options.step
    step.undo = nil
    step.attempts = 1
    await noteLoop(path)
    let value = try await perform(path, step, choices: [.retry, .exclude, .abort, .rollback]) {
      attempt throws(CallFailure) in
      try await self.noting(at: attempt, in: scope) { scope throws(CallFailure) in
        try await self.roll(path, attempt: attempt, items, body: body, options, in: scope)
      }
    }
    let isWhole = ["failed", "unreachable", "unknown", "unhealthy"].allSatisfy { value[$0].isNothing }
    if mode == .live, !isWhole { noted.note(ExitNote(.failuresWithinBudget, why: Job.shortfall(of: path, value))) }
    return value
  }

  /// What of a loop did not succeed, such as `'write': 1 of 3 failed: web002`.
  private static func shortfall(of path: String, _ value: Value) -> String {
    func names(_ outcome: OutcomeClass) -> [String] {
      guard case .array(let names) = value[outcome.rawValue] else { return [] }
      return names.compactMap { if case .string(let name) = $0 { name } else { nil } }
    }
    let count = OutcomeClass.allCases.reduce(0) { $0 + names($1).count }
    let bad = OutcomeClass.allCases.filter { $0 != .ok && !names($0).isEmpty }
    let words = bad.map { "\(names($0).count) of \(count) \($0.rawValue): \(NameSet(names: names($0)).folded)" }
    return "'\(path)': \(words.joined(separator: ", "))"
  }

  // Items keep their names over attempts: what is done stays done.
  private nonisolated func roll(
    _ path: String,
    attempt: String,
    _ items: [String],
    body: Int,
    _ options: EachOptions,
    in outer: RunScope
  ) async throws(CallFailure) -> Value {
    let scope = outer.at(path)
    if mode == .collecting {
      for item in items {
        _ = await CallFailure.result { () async throws(CallFailure) in
          try await self.item(item, body: body, options, in: scope)
        }
      }
      return .null
    }
    var left: [String] = []
    var excluded: [String] = []
    for item in items {
      if case .some(.skipped(reason: _)) = await row("\(path)/\(item)")?.end {
        excluded.append(item)
      } else {
        left.append(item)
      }
    }
    let request = try options.request(path, left, seed: seed)
    let results = Mutex<[String: Value]>([:])
    let stop = Mutex<CallFailure?>(nil)
    var gate: (@Sendable ([String]) async -> GateVerdict)?
    // A gate looks at what has been changed, and a plan changes nothing.
    if mode == .live {
      if let number = options.gate {
        gate = { done in await self.ask(gate: number, done, at: attempt, in: outer) }
      }
      gate = run.world.rules?.gating(gate) ?? gate
    }
    let perform: @Sendable (String) async throws(NotBegun) -> ItemOutcome = { item throws(NotBegun) in
      let result = await CallFailure.result { () async throws(CallFailure) in
        try await self.item(item, body: body, options, in: scope)
      }
      switch result {
      case .success(let value): results.withLock { $0[item] = value }
      // Neither what ends the run nor a fault of this machine is the item's, and the next one would meet it, too.
      case .failure(let failure) where failure.leavesStepOpen || failure.isLocal:
        stop.withLock { $0 = $0 ?? failure }
        // A plan goes through all of them.
        if self.mode == .live { throw NotBegun(failure.message, isWanted: failure.isGivenUp) }
      case .failure: break
      }
      return ItemOutcome(result)
    }
    let report = try await rollouts.roll(request, perform: perform, gate: gate)
    if let failure = stop.withLock({ $0 }) { throw failure }
    let evidence = report.evidence
    // A plan that is shorter than asked for says so.
    if mode == .dry, !evidence.isEmpty {
      for line in evidence.split(separator: "\n") { await remark("would be left out: \(line)") }
    }
    if let failure = report.failure(request.name, hint: evidence.isEmpty ? nil : evidence) { throw failure }
    let value = report.value(results.withLock { $0 }, excluded: excluded)
    if report.results.contains(where: { $0.outcomeClass != .ok }) {
      outer.context.noted?.note(ExitNote(.failuresWithinBudget, why: Job.shortfall(of: path, value)))
    }
    // What the budget forgives is still to be seen.
    if mode == .live, !evidence.isEmpty, !outer.context.isQuiet {
      questions.dialogue.say(evidence.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"))
    }
    return value
  }

  private nonisolated func item(_ item: String, body: Int, _ options: EachOptions, in scope: RunScope)
    async throws(CallFailure) -> Value
  {
    let path = try scope.path(of: item)
    try await begin(path, item)
    // An item fails into the budget; nobody is asked about each.
    var step = options.step
    step.onFailure = .stop
    return try await perform(path, step, choices: []) { attempt throws(CallFailure) in
      try await self.call(
        body,
        [.string(item)],
        at: attempt,
        in: scope,
        withJob: false,
        timeout: step.timeout,
        isQuiet: true,
        tolerance: .none
      )
    }
  }

  private nonisolated func ask(gate: Int, _ done: [String], at path: String, in scope: RunScope) async -> GateVerdict {
    let verdict = await CallFailure.result { () async throws(CallFailure) in
      try await self.run.recorded("gate \(done.count)", at: path) { () async throws(CallFailure) in
        try await self.call(
          gate,
          [.array(done.map(Value.string))],
          at: path,
          in: scope,
          withJob: false,
          isQuiet: true,
          isLook: true
        )
      }
    }
    switch verdict {
    case .success(.bool(true)): return .pass
    case .success(.bool(false)): return .fail("the gate returned false")
    case .success(.string(let reason)): return .fail(reason)
    case .success(let other): return .inconclusive("the gate returned \(other.literal)")
    case .failure(let failure): return .inconclusive(failure.message)
    }
  }
}

extension Value {
  /// Whether it is no list of names, or an empty one; what a journal kept of earlier versions leaves empty classes out.
  fileprivate var isNothing: Bool { [.null, .array([]), .table([:])].contains(self) }
}

extension ItemOutcome {
  fileprivate init(_ result: Result<Value, CallFailure>) {
    switch result {
    case .success: self = .ok
    case .failure(let failure) where failure.mark == .withheld: self = .excluded(failure.message)
    case .failure(let failure) where failure.failureClass == .unavailable:
      self = .unreachable(failure.message)
    case .failure(let failure): self = failure.leavesUnknown ? .unknown(failure.message) : .failed(failure.message)
    }
  }
}

extension RolloutReport {
  /// What a runbook gets: the items by class, each class there also when it is empty, and what each body answered.
  fileprivate func value(_ results: [String: Value], excluded: [String]) -> Value {
    var fields: [String: Value] = ["results": .table(results)]
    let members = Dictionary(grouping: self.results, by: \.outcomeClass).mapValues { $0.map(\.item) }
    for outcome in OutcomeClass.allCases {
      let left = outcome == .excluded ? excluded : []
      fields[outcome.rawValue] = .array((left + (members[outcome] ?? [])).map(Value.string))
    }
    fields["details"] = .table(
      Dictionary(bad.map { ($0.item, Value.string($0.detail)) }, uniquingKeysWith: { $1 })
    )
    return .table(fields)
  }

  private var bad: [ItemResult] { results.filter { ![.ok, .skipped, .excluded].contains($0.outcomeClass) } }

  /// The items that are not ok, for the person who decides.
  fileprivate var evidence: String {
    let bad = bad
    let lines = bad.prefix(8).map { "\($0.item): \($0.outcomeClass.rawValue): \($0.detail)" }
    return (lines + (bad.count > 8 ? ["and \(bad.count - 8) more"] : [])).joined(separator: "\n")
  }
}
