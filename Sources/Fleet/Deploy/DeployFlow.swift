import Foundations
import PrimitiveKit
import Rollout
import Site

extension Fleet {
  /// The whole of `fleet.deploy`: ask, look, plan, confirm, roll out, verify, re-check (seed 001).
  ///
  /// In a run that is taken up again, what was asked, planned and done before is not again. Throws what stops it before it
  /// begins, and `rollout.*` when it did not run to its end; failures within the budget are in the report and in the exit
  /// code.
  func deploy(_ given: DeployArguments, assumesYes: Bool, dry: Bool) async throws(CallFailure) -> DeployAnswer {
    let site = try requireSite(for: "fleet.deploy")
    if let run = ongoingRun(dry: dry) ?? (isDry(dry) ? newRun(dry: true) : nil) {
      return try await deploy(given, assumesYes: assumesYes, in: run, site)
    }
    let id = newRunID()
    let plan = try await propose(given, assumesYes: assumesYes, run: id, in: site)
    var request = RunRequest(
      name: "fleet.deploy",
      arguments: .table(plan.asked.values),
      scopes: scopes(for: plan.request.shares.map(\.host)),
      hosts: plan.request.hostNames
    )
    request.id = id
    request.speeds = [plan.request.policy.name]
    let way = try await confirm(plan, run: id, assumesYes: assumesYes, in: site)
    if runs.wantsPlan(of: request) {
      request.operations = try await planned { (run) throws(CallFailure) in _ = try await predict(plan, in: run) }
    }
    return try await runs.withRun(request, world: world) { (run) throws(CallFailure) in
      // A person may have thought for minutes; only now nobody else changes the hosts.
      if way == .typed { try await recheck(plan) }
      let name = "fleet.deploy 1"
      let frozen = try await run.recorded("\(name) plan") { () throws(CallFailure) in try plan.frozen() }
      return try await carryOut(frozen, name, in: run, site)
    }
  }

  /// A deploy as part of a run that is open already.
  private func deploy(
    _ given: DeployArguments,
    assumesYes: Bool,
    in run: Run,
    _ site: Site
  ) async throws(CallFailure) -> DeployAnswer {
    if run.world.mode == .dry {
      let plan = try await propose(given, assumesYes: assumesYes, run: run.id, in: site)
      // The plan of a runbook that is about to run: what is refused then is better refused now.
      if CallContext.current.isConfirmed, !options.isDryRun {
        try permit(plan, assumesYes: options.assumesYes, in: site)
      }
      return DeployAnswer(value: try await predict(plan, in: run))
    }
    let name = "fleet.deploy \(await run.ordinal(of: "fleet.deploy"))"
    let frozen = try await run.recorded("\(name) plan") { () throws(CallFailure) in
      let plan = try await propose(given, assumesYes: assumesYes, run: run.id, in: site)
      if CallContext.current.isConfirmed {
        try await admit(plan)
        try permit(plan, assumesYes: options.assumesYes, in: site)
        confirmed(by: .runbook, plan, run.id)
      } else {
        _ = try await confirm(plan, run: run.id, assumesYes: assumesYes, in: site)
      }
      return try plan.frozen()
    }
    return try await carryOut(frozen, name, in: run, site)
  }

  /// Predicts every operation, each at the speed of the deploy.
  private func predict(_ plan: DeployPlan, in run: Run) async throws(CallFailure) -> Value {
    var context = CallContext.current
    context.speed = plan.request.policy.name
    return try await context.whileCalling { () throws(CallFailure) in try await rehearse(plan, run: run) }
  }

  /// Refuses a speed that the plan of the run was not admitted with, where the site wants a second operator for it.
  private func admit(_ plan: DeployPlan) async throws(CallFailure) {
    let speed = plan.request.policy.name
    guard let admitted = CallContext.current.admittedSpeeds, !admitted.contains(speed) else { return }
    var request = RunRequest(
      name: "fleet.deploy",
      arguments: .table(plan.asked.values),
      scopes: [],
      hosts: plan.request.hostNames
    )
    request.effects = []
    request.speeds = [speed]
    try await runs.admit(request)
  }

  /// Asks for what is missing, looks at every host, and shows what a deploy would do.
  private func propose(
    _ given: DeployArguments,
    assumesYes: Bool,
    run: String,
    in site: Site
  ) async throws(CallFailure) -> DeployPlan {
    let asked = try await ask(for: given, assumesYes: assumesYes, in: site)
    var request = try resolve(asked, in: site)
    try await refuseBad(request.image)
    // Nobody watches a run that was confirmed beforehand.
    if assumesYes || options.assumesYes { request.policy.inconclusiveGate = .fail }
    var plan = try await plan(request, seed: world.drawSeed())
    plan.asked = asked
    if plan.rollout == nil {
      throw CallFailure(
        FleetError.allUnreachable(
          hosts: NameSet(names: request.hostNames).folded,
          problem: plan.knownDown.first?.problem
        )
      )
    }
    // In a runbook the plan that was confirmed says it already.
    if !CallContext.current.isConfirmed { dialogue.say(plan.render()) }
    dialogue.event(plan.event(run: run))
    return plan
  }

  /// Rolls out what was confirmed and reports.
  private func carryOut(
    _ frozen: FrozenDeploy,
    _ name: String,
    in run: Run,
    _ site: Site
  ) async throws(CallFailure) -> DeployAnswer {
    let request = try frozen.request(in: site)
    let log = try await RolloutLog(of: name, in: run)
    let worker = DeployWorker(fleet: self, request: request, run: run)
    let report = try await roll(request, frozen.rollout, worker, log)
    dialogue.note(report.exitCode)
    dialogue.event(SessionEvent("deploy.result", report.value.fields))
    dialogue.shown(report.value)
    try worker.ending.check()
    if let failure = report.failure { throw failure }
    if CallContext.current.tolerance == .none, let failure = report.shortfall { throw failure }
    return DeployAnswer(value: report.value)
  }

  /// Looks at every host of the request and says what a deploy would do.
  func plan(_ request: DeployRequest, seed: UInt64) async throws(CallFailure) -> DeployPlan {
    dialogue.progress(
      ProgressStatus(
        line: "looking at \(request.shares.count.counted("host"))…",
        plain: "looking at \(request.shares.count.counted("host"))"
      )
    )
    let survey = await survey(request.shares)
    dialogue.progress(nil)
    if Task.isCancelled { throw .cancelled }
    let down = survey.unreachable.map { ($0.host.name, "known down: \($0.reason)") }
    let excluded = Dictionary(down, uniquingKeysWith: { first, _ in first })
    var rollout: RolloutPlan?
    if excluded.count < request.shares.count {
      do {
        rollout = try order(request, excluded: excluded, survey, seed: seed)
      } catch {
        throw CallFailure(error)
      }
    }
    let estimate = RolloutEstimate(
      policy: request.policy,
      items: request.shares.count - excluded.count,
      measuredItemSeconds: hostTimes.seconds(of: request.hostNames)
    )
    return DeployPlan(request: request, rollout: rollout, survey: survey, estimate: estimate)
  }

  /// The plan of a rollout whose first host has something to change: one of the site's group `canary`, else any.
  private func order(
    _ request: DeployRequest,
    excluded: [String: String],
    _ survey: Survey,
    seed: UInt64
  ) throws(RolloutError) -> RolloutPlan {
    let plan = try RolloutPlan(policy: request.policy, items: request.hostNames, excluded: excluded, seed: seed)
    let unfinished = Set(survey.hosts.filter { !$0.runs(request.image) }.map(\.host.name))
    let group = site.flatMap { try? Selection.hosts("@canary", in: $0) } ?? []
    let canaries = Set(group.map(\.name)).intersection(unfinished)
    let canary = plan.order.first(where: canaries.contains) ?? plan.order.first(where: unfinished.contains)
    guard let canary else { return plan }
    return try RolloutPlan(
      policy: request.policy,
      items: request.hostNames,
      excluded: excluded,
      canary: canary,
      seed: seed
    )
  }

  /// Rolls out, then verifies through fresh reads and re-checks the stragglers.
  private func roll(
    _ request: DeployRequest,
    _ rollout: RolloutPlan,
    _ worker: DeployWorker,
    _ log: RolloutLog
  ) async throws(CallFailure) -> DeployReport {
    let run = worker.run
    let measured = run.world.clock.measuring()
    if CallContext.current.run == nil { dialogue.say("run: \(run.id)") }
    let driver = RolloutDriver()
    let view = RolloutView(dialogue: dialogue, run: run.id)
    // The first Ctrl-C cancels this call and so stops starts; the next one lets go of the hosts in flight.
    let listening = interruptions.listen { count in
      if count > 1 { driver.cancel() }
    }
    let times = hostTimes.seconds(of: request.hostNames)
    let clock = world.clock
    var context = CallContext.current
    context.speed = request.policy.name
    let paced = context
    // Hosts in flight must not be torn down with the caller, so the rollout has a task of its own.
    let task = Task {
      await CallContext.$current.withValue(paced) {
        await driver.run(plan: rollout, worker: worker, clock: clock, itemSeconds: times, log: log) { progress in
          view.show(progress)
          if case .paused(let reason) = progress.change { Task { await decide(reason, driver) } }
        }
      }
    }
    let report = await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      view.stopping()
      driver.cancel()
    }
    withExtendedLifetime(listening) {}
    hostTimes.keep()
    dialogue.progress(nil)
    let seconds = measured.elapsed().seconds
    let rolled = DeployReport(run: run.id, request: request, rollout: report, verification: nil, seconds: seconds)
    dialogue.say(rolled.render())
    if case .detached = report.halt { return rolled }
    // Nobody waits for logins of a deploy that was stopped.
    let verification = await verify(request, waiting: report.halt == nil)
    let result = DeployReport(
      run: run.id,
      request: request,
      rollout: report,
      verification: verification,
      seconds: measured.elapsed().seconds
    )
    dialogue.say(result.closing)
    return result
  }

  /// Asks whether a paused rollout goes on; anything but `continue`, Ctrl-C too, ends it.
  private func decide(_ reason: String, _ driver: RolloutDriver) async {
    dialogue.progress(nil)
    let answer = try? await dialogue.ask("The gate cannot tell: \(reason). Type continue or stop: ")
    answer == "continue" ? driver.resume() : driver.abort("after a gate that could not tell")
  }

  /// The verification block and, unless told otherwise, the re-check of stragglers.
  ///
  /// A cancelled call still says what state it left; only the wait for stragglers ends at once.
  func verify(_ request: DeployRequest, waiting: Bool = true) async -> Verification {
    let first = Verification(await surveyUncancelled(request.shares), image: request.image)
    dialogue.say(first.render())
    let wait = request.policy.stragglerWaitSeconds
    guard waiting, !first.notLoggedIn.isEmpty, wait > 0, !Task.isCancelled else { return first }
    let late = await recheck(first, shares: request.shares, wait: wait)
    let updated = first.bots.map { bot in late.first { $0.bot == bot.bot } ?? bot }
    return Verification(updated, image: request.image)
  }
}

extension Value {
  /// The fields of a table; none for everything else.
  var fields: [String: Value] {
    guard case .table(let fields) = self else { return [:] }
    return fields
  }
}
