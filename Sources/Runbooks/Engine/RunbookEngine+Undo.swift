import Journal
import PrimitiveKit
import Synchronization

extension RunbookEngine {
  /// Carries a rollback out and says what became of the run it undoes.
  func undo(
    _ undoing: Undoing,
    of header: RunHeader,
    in run: Run,
    lock: (any HeldLock)?,
    past: [StepRow]
  ) async throws(CallFailure) -> RunbookResult {
    let registry = try await registry()
    let result = await setting.interrupts.during(run) {
      await LuaInvoker.result { () async throws(CallFailure) in
        try await perform(undoing, in: run, past, registry)
      }
    }
    switch result {
    case .success:
      for release in await releases(of: header, registry) {
        try? await registry.journal.markBad(
          digest: release.digest,
          image: release.name,
          run: header.id,
          reason: "rolled back by \(run.id)"
        )
        dialogue.say("  \(release.name) (\(release.digest.prefix(19))) is marked bad and not offered again")
      }
      try await registry.journal.update(
        header.id,
        state: .rolledBack,
        reason: "rolled back by \(run.id)",
        exitCode: Int(ExitCode.rolledBack.rawValue)
      )
      _ = await registry.close(run, lock: lock, nil)
      dialogue.note(.rolledBack)
      dialogue.say("run \(header.id) is rolled back")
      return RunbookResult(run: run.id, plan: nil, value: .string(header.id), exitCode: .rolledBack)
    case .failure(let failure):
      let ending = await run.stopped ?? failure
      if ending.code != "run.interrupted" {
        try? await registry.journal.update(
          header.id,
          state: .rollbackFailed,
          reason: ending.message,
          exitCode: Int(ExitCode.rollbackFailed.rawValue)
        )
      }
      _ = await registry.close(run, lock: lock, ending)
      if ending.code == "run.interrupted" { throw ending }
      throw CallFailure(
        code: "rollback.failed",
        message: "the rollback of \(header.id) stopped: \(ending.message)",
        hint: "put it right, then resume(\"\(run.id)\") goes on undoing"
      )
    }
  }

  private func perform(_ undoing: Undoing, in run: Run, _ past: [StepRow], _ registry: RunRegistry)
    async throws(CallFailure)
  {
    guard let invoke = undoing.invoke, let book = undoing.book else {
      for (index, act) in undoing.plan.acts.enumerated() {
        guard case .inverses(let group) = act else { continue }
        try await perform(group, named: "undo \(index + 1)", in: run, registry)
      }
      return
    }
    let job = Job(
      Job.Setting(
        mode: .live,
        run: run,
        journal: registry.journal,
        past: past,
        desk: desk(registry.journal),
        policy: .stop,
        rollouts: setting.rollouts,
        invoke: invoke,
        context: context(book, allowed: book.header.effects, name: "the undo of '\(book.name)'", isDry: false),
        seed: 0
      )
    )
    if book.header.hasUndo {
      _ = try await section("undo", [undoing.arguments], of: job, as: job.context)
      return
    }
    for (index, act) in undoing.plan.acts.enumerated() {
      switch act {
      case .inverses(let group): try await perform(group, named: "undo \(index + 1)", in: run, registry)
      case .function(let undo):
        let options = try StepOptions(.table([:]), of: undo.path)
        let path = "undo \(undo.path.replacing("/", with: " of "))"
        try await job.begin(path, path)
        _ = try await job.perform(path, options, in: JobScope(job: job, path: "")) { attempt throws(CallFailure) in
          try await job.call(undo.number, [undo.result], at: attempt, withJob: true)
        }
      }
    }
  }

  /// Undoes operations of one kind, host by host through the rollout engine: going back is a deploy (G-12).
  private func perform(_ group: [RollbackPlan.Inverse], named name: String, in run: Run, _ registry: RunRegistry)
    async throws(CallFailure)
  {
    let byHost = Dictionary(group.map { ($0.stored.host, $0) }, uniquingKeysWith: { first, _ in first })
    let request = RolloutRequest(
      name: name,
      items: group.map(\.stored.host),
      window: 5,
      budget: group.count / 10,
      ramp: true,
      gateEvery: nil,
      jitter: 0,
      seed: 0
    )
    let stop = Mutex<CallFailure?>(nil)
    let end = await setting.rollouts.roll(
      request,
      perform: { host in
        guard let inverse = byHost[host] else { return .failed("the host is not in the plan") }
        let result = await LuaInvoker.result { () async throws(CallFailure) in
          try await run.perform(any: try registry.coding.operation(inverse.stored), step: name)
        }
        switch result {
        case .success: return .ok
        case .failure(let failure):
          if failure.leavesStepOpen { stop.withLock { $0 = $0 ?? failure } }
          return failure.leavesUnknown ? .unknown(failure.message) : .failed(failure.message)
        }
      },
      gate: nil
    )
    if let failure = stop.withLock({ $0 }) { throw failure }
    let bad = end.items.filter { $0.outcome != "ok" }
    guard bad.isEmpty else {
      let words = bad.prefix(5).map { "\($0.name): \($0.outcome): \($0.detail)" }
      throw CallFailure(
        code: "rollback.failed",
        message: "\(bad.count) of \(end.items.count) hosts are not undone: \(words.joined(separator: "; "))"
      )
    }
  }

  /// What the run put in place: going back from it says that it was bad.
  private func releases(of header: RunHeader, _ registry: RunRegistry) async -> [ReleaseReference] {
    let rows = (try? await registry.journal.operations(of: header.id)) ?? []
    var found: [ReleaseReference] = []
    for row in rows where row.state != .failed {
      guard let operation = try? registry.coding.operation(row.stored), let release = operation.release else {
        continue
      }
      if !found.contains(release) { found.append(release) }
    }
    return found
  }
}

extension Run {
  /// Performs an operation whose type is only known now.
  func perform(any operation: any Operation, step: String) async throws(CallFailure) {
    var context = CallContext.current
    context.step = step
    let given = context
    let result = await CallContext.$current.withValue(given) {
      await LuaInvoker.result { () async throws(CallFailure) in try await open(operation) }
    }
    try result.get()
  }

  private nonisolated func open(_ operation: some Operation) async throws(CallFailure) {
    _ = try await perform(operation)
  }
}
