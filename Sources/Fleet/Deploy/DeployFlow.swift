import Foundations
import PrimitiveKit
import Rollout
import Site

extension Fleet {
  /// The whole of `fleet.deploy`, alone and in a runbook: plan, admission, rollout, verification (seed 001).
  ///
  /// In a run that is taken up again, what was asked, planned and done before is not again. Throws what stops it before it
  /// begins, and `rollout.*` when it did not run to its end; failures within the budget are in the report and in the exit
  /// code.
  func deploy(_ given: DeployArguments, assumesYes: Bool, dry: Bool) async throws(CallFailure) -> DeployAnswer {
    let site = try requireSite(for: "fleet.deploy")
    if let run = admission.ongoing(dry: dry), run.world.mode == .live {
      return try await carryOut(in: run, site) { () throws(CallFailure) in
        let plan = try await propose(given, assumesYes: assumesYes, run: run.id, in: site)
        if let halt = plan.sureHalt { throw halt }
        try await admission.admit(self.change(plan, run: run.id, assumesYes: assumesYes, in: site), in: run)
        return plan
      }
    }
    let id = admission.ongoing(dry: dry)?.id ?? admission.newID()
    let plan = try await propose(given, assumesYes: assumesYes, run: id, in: site)
    if !dry, !options.isDryRun, let halt = plan.sureHalt { throw halt }
    let change = self.change(plan, run: id, assumesYes: assumesYes, in: site)
    return try await admission.run(change, dry: dry) { (run) throws(CallFailure) in
      guard run.world.mode == .dry else { return try await carryOut(in: run, site) { plan } }
      try await admission.admit(change, in: run)
      // Each operation carries the speed: some need a second operator.
      var context = CallContext.current
      context.speed = plan.request.policy.name
      let value = try await context.whileCalling { () throws(CallFailure) in try await rehearse(plan, run: run) }
      return DeployAnswer(value: value)
    }
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
    if plan.rollout == nil, plan.knownDown.count < request.shares.count {
      throw CallFailure(FleetError.allLatched(bots: NameSet(names: plan.latched.map(\.bot)).folded))
    }
    if plan.rollout == nil {
      // A host that answered, or was not even asked, can be reached for all we know.
      if let problem = plan.knownDown.compactMap(\.problem).first(where: { $0.failureClass != .unavailable }) {
        throw problem
      }
      throw CallFailure(
        FleetError.allUnreachable(
          hosts: NameSet(names: request.hostNames).folded,
          problem: plan.knownDown.first?.problem
        )
      )
    }
    // In a runbook the plan that was confirmed says it already.
    if !CallContext.current.isConfirmed {
      plan.outlook = await runs.outlook(of: runRequest(plan, run: run))
      dialogue.say(plan.render())
    }
    dialogue.event(plan.event(run: run))
    return plan
  }

  /// Rolls out what was admitted, or what an earlier process of the run had admitted, and reports.
  private func carryOut(
    in run: Run,
    _ site: Site,
    _ plan: @Sendable () async throws(CallFailure) -> DeployPlan
  ) async throws(CallFailure) -> DeployAnswer {
    let name = "fleet.deploy \(await run.ordinal(of: "fleet.deploy"))"
    let frozen = try await run.recorded("\(name) plan") { () throws(CallFailure) in try await plan().frozen() }
    let request = try frozen.request(in: site)
    // A run that is resumed asks as the site is now.
    if let halt = DeployPlan.sureHalt(request, run.world.rules?.gateProblem) { throw halt }
    let log = try await RolloutLog(of: name, in: run)
    let worker = DeployWorker(fleet: self, request: request, run: run)
    let report = try await roll(request, frozen.rollout, worker, log)
    if let verdict = report.rollout.verdict { try await run.judge(request.image.digest.description, verdict) }
    dialogue.note(report.note)
    dialogue.event(SessionEvent("deploy.result", report.value.fields))
    dialogue.shown(report.value)
    try worker.ending.check()
    try await tellPlugins(of: report, named: name, in: run)
    if var failure = report.failure {
      if let hint = worker.ending.fault?.hint { failure.hint = hint }
      throw failure
    }
    if CallContext.current.tolerance == .none, let failure = report.shortfall { throw failure }
    return DeployAnswer(value: report.value)
  }
}

extension Value {
  /// The fields of a table; none for everything else.
  var fields: [String: Value] {
    guard case .table(let fields) = self else { return [:] }
    return fields
  }
}
