package import Journal
package import PrimitiveKit

/// Opens and closes runs: lock, journal, and the state that is left for the next process.
package struct RunRegistry: Sendable {
  package let journal: Journal
  package let locks: RunLocks
  package let coding: OperationCoding
  /// What the site knows of scopes.
  package let site: SiteScopes
  /// What keeps the epochs that it obeyed: hosts, databases.
  package let fences: EpochFences
  let dialogue: any Dialogue
  /// Keeps the audit head elsewhere after every run; nil where the site wants none.
  package var heads: HeadKeeper?
  /// Why a run may not lock what its plan did not name, where a second operator is wanted for it; nil when it may.
  package var refusesBeyond: @Sendable (_ scopes: [LockScope]) -> CallFailure? = { _ in nil }

  package init(
    journal: Journal,
    locks: RunLocks,
    coding: OperationCoding,
    dialogue: any Dialogue,
    site: SiteScopes,
    fences: EpochFences = EpochFences()
  ) {
    self.journal = journal
    self.locks = locks
    self.coding = coding
    self.dialogue = dialogue
    self.site = site
    self.fences = fences
  }

  /// Takes the lock of a run, and in any case a lease on the run itself.
  ///
  /// `hosts` are those that the caller knows of; what else of the site the scopes cover is told of them, too.
  func lock(_ scopes: [LockScope], run: String, name: String, hosts: [String]) async throws(CallFailure) -> RunHold {
    let hosts = hosts + site.hosts(scopes).filter { !hosts.contains($0) }
    try await learn(scopes, hosts)
    let held = try await locks.acquire(scopes, run: run, reason: name)
    let lock = RunHold(held, scopes: scopes, registry: self)
    await fenceTaken(scopes, hosts, held.grant)
    return lock
  }

  /// Asks what was never locked here for the epoch it obeyed, so that the next grant of these scopes is above.
  func learn(_ scopes: [LockScope], _ hosts: [String]) async throws(CallFailure) {
    guard !scopes.isEmpty else { return }
    let kept = fences.kept(hosts.map { .host($0) } + scopes)
    let above = scopes.filter { scope in !kept.contains { $0.path == scope.path } }
    try await locks.learnEpochs(of: kept, above: above, fences.epochs)
  }

  /// Tells hosts and databases of a grant that somebody's lease expired for, before anything else.
  func fenceTaken(_ scopes: [LockScope], _ hosts: [String], _ grant: LeaseGrant) async {
    let kept = fences.kept(hosts.map { .host($0) } + scopes)
    guard !grant.takenOver.isEmpty, !kept.isEmpty else { return }
    let silent = await fences.fence(kept, epoch: grant.epoch, journal: journal.id)
    guard !silent.isEmpty else { return }
    dialogue.say("  an expired lock was taken over; these hosts could not be told: \(silent.folded)")
  }

  /// Takes the lock of a run and gives it back where `body` throws; else whoever gets the answer does.
  package func locking<Answer>(
    _ scopes: [LockScope],
    run: String,
    name: String,
    hosts: [String],
    _ body: (RunHold) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    let lock = try await lock(scopes, run: run, name: name, hosts: hosts)
    do throws(CallFailure) {
      return try await body(lock)
    } catch {
      await lock.release()
      throw error
    }
  }

  /// Writes a new run down with what it begins with, and opens it.
  package func begin(
    _ header: RunHeader,
    with beginning: RunBeginning = RunBeginning(),
    lock: RunHold,
    world: World
  ) async throws(CallFailure) -> Run {
    var header = header
    header.epoch = lock.epoch
    header.claim = lock.claim
    try await journal.begin(header, with: beginning)
    return open(header.id, lock: lock, world: world, replay: RunReplay())
  }

  /// Takes up a run that an earlier process left.
  package func take(_ id: String, lock: RunHold, world: World) async throws(CallFailure) -> Run {
    try await journal.take(id, epoch: lock.epoch, claim: lock.claim)
    let replay = try await journal.replay(of: id)
    return open(id, lock: lock, world: world, replay: replay)
  }

  private func open(_ id: String, lock: RunHold, world: World, replay: RunReplay) -> Run {
    let run = Run(
      id: id,
      world: world,
      journal: journal.id,
      holding: lock,
      record: journal.record(of: id, claim: lock.claim),
      replay: replay,
      coding: coding
    )
    lock.onLoss { failure in
      Task { await run.stopStarting(failure) }
    }
    return run
  }

  /// Records where a run stands at its end and gives its lock back; answers the exit code.
  ///
  /// What cannot be written stays `running`: its lease runs out, and it is listed as interrupted.
  package func close(_ run: Run, lock: RunHold, _ failure: CallFailure?, noted: ExitNote = .ok) async -> ExitCode {
    await end(run, lock: lock, failure, noted: noted).code
  }

  /// As `close`; answers the state, too.
  ///
  /// `offersWays` says whether the last line names the commands that lead on: a run that is about to be rolled back has none.
  package func end(
    _ run: Run,
    lock: RunHold,
    _ failure: CallFailure?,
    noted: ExitNote = .ok,
    offersWays: Bool = true
  ) async -> (state: RunState, code: ExitCode) {
    let (state, code, doubt) = await outcome(run, failure, noted)
    var reason = failure?.message ?? [doubt, noted.why].compactMap(\.self).first
    if let failure, state == .detached { reason = await detaching(failure, of: run).message }
    var isRecorded = true
    do throws(CallFailure) {
      try await journal.update(run.id, state: state, reason: reason, exitCode: Int(code.rawValue))
    } catch {
      dialogue.say("  the end of run \(run.id) could not be recorded: \(error.message)")
      isRecorded = false
    }
    await lock.release()
    await keepHead()
    // A failure is shown beside it, with all it has to say.
    let said = failure == nil ? reason : nil
    if var ending = await ending(of: run.id, state, code, reason: said, offersWays: offersWays && isRecorded) {
      dialogue.say(ending.line)
      // A machine reads the event alone.
      ending.reason = reason
      dialogue.event(ending.event)
    }
    return (state, code)
  }

  /// Keeps the newest audit record's hash outside of the database, where anybody wants it.
  package func keepHead() async {
    await journal.anchorNewest()
    await heads?.tell(journal)
  }

  /// The state, the exit code, and which changes are in doubt where that is the reason.
  private func outcome(_ run: Run, _ failure: CallFailure?, _ noted: ExitNote) async -> (RunState, ExitCode, String?) {
    // The journal counts an open operation only once its run has ended, and this run is about to.
    guard let operations = try? await journal.operations(of: run.id) else { return unseen(failure) }
    let unresolved = operations.filter { [.open, .unknown].contains($0.state) }
    // Of earlier processes, too. Where nobody can say it counts as begun: that can be resumed.
    let steps = try? await journal.steps(of: run.id)
    // A journal that was restored meanwhile does not know of what was sent.
    let isForgotten = operations.isEmpty ? await run.hasSent : false
    let hasBegun = isForgotten || operations.contains { $0.state != .notDone } || steps?.isEmpty != true
    guard let failure else {
      guard let first = unresolved.first else { return (RunState(noted: noted), noted.code, nil) }
      let rest = unresolved.count == 1 ? "" : " and \(unresolved.count - 1) more"
      return (.unknown, .unknownOutcomes, "the outcome is unknown of: \(first.summary)\(rest)")
    }
    if failure.isOfJournal { return (.interrupted, hasBegun ? .interrupted : .lockRefused, nil) }
    if failure.isGivenUp {
      // Who stopped a run, or a rollout, is told that it can be resumed.
      if !hasBegun, failure.ending == nil { return (.cancelled, .cancelled, nil) }
      return (unresolved.isEmpty ? .interrupted : .detached, .interrupted, nil)
    }
    let code = ExitCode(failure: failure)
    guard unresolved.isEmpty, failure.ending != .unknownOutcomes else {
      return (.unknown, code.isWorse(than: .unknownOutcomes) ? code : .unknownOutcomes, nil)
    }
    if failure.mark == .halted { return (.halted, .budgetBreached, nil) }
    // Refused in the middle, it stands where it was interrupted: whoever lifts the refusal resumes it.
    let isDone =
      operations.contains(where: \.isBegun) || steps?.contains { [.ok, .skipped].contains($0.state) } != false
    if code == .lockRefused, failure.failureClass == .refused, isDone { return (.interrupted, .interrupted, nil) }
    // Only looks are left without an outcome, or they are known by now.
    return (.failed, code == .unknownOutcomes ? .failuresWithinBudget : code, nil)
  }
}

extension OperationRow {
  /// Whether it may have changed something: it was neither refused nor out of reach.
  fileprivate var isBegun: Bool {
    switch state {
    case .notDone: false
    case .failed: failure?.failureClass != .refused && failure?.failureClass != .unavailable
    default: true
    }
  }
}

extension RunRegistry {
  /// How a run ended of which nobody can see whether outcomes are unknown: never well.
  private func unseen(_ failure: CallFailure?) -> (RunState, ExitCode, String?) {
    guard let failure else {
      return (.unknown, .unknownOutcomes, "the journal does not record the outcome of its changes")
    }
    if failure.mark == .halted { return (.halted, .budgetBreached, nil) }
    let isOpen = failure.isOfJournal || failure.isGivenUp
    return isOpen ? (.interrupted, .interrupted, nil) : (.unknown, .unknownOutcomes, nil)
  }
}

extension RunRegistry: RunOpener {
  package func withRun<Answer: Sendable>(
    _ request: RunRequest,
    world: World,
    _ body: (Run) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    try await withRun(request, world: world, body) { () throws(CallFailure) in nil }
  }

  /// As `withRun`; `admit` comes last before the run is recorded, for an approval can be used once.
  ///
  /// It answers the hash of the plan that was approved; nil where none was needed.
  func withRun<Answer: Sendable>(
    _ request: RunRequest,
    world: World,
    _ body: (Run) async throws(CallFailure) -> Answer,
    admittedBy admit: () async throws(CallFailure) -> String?
  ) async throws(CallFailure) -> Answer {
    let id = request.id ?? RunID.make(seed: world.drawSeed(), now: world.now())
    var header = RunHeader(
      id: id,
      name: request.name,
      kind: .call,
      identity: journal.identity,
      arguments: request.arguments,
      hosts: request.hosts
    )
    let (run, lock) = try await locking(request.scopes, run: id, name: request.name, hosts: request.hosts) {
      lock throws(CallFailure) in
      try await request.stillHolds()
      header.planHash = try await admit()
      return (try await begin(header, lock: lock, world: world), lock)
    }
    let noted = NotedExit()
    var context = CallContext.current
    context.noted = noted
    context.runID = id
    let result = await CallContext.$current.withValue(context) {
      await CallFailure.result { () async throws(CallFailure) in try await body(run) }
    }
    switch result {
    case .success(let answer):
      let code = await close(run, lock: lock, nil, noted: noted.sum)
      // Worse than what the call itself knows of: an outcome is unknown.
      if code != noted.worst { dialogue.note(code) }
      return answer
    case .failure(let failure): throw await closeCall(run, lock: lock, failure).0
    }
  }
}
