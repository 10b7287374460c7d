import PrimitiveKit
import Rollout
import Site

extension Fleet {
  /// Looks at every host of the request and says what a deploy would do; throws the fault of this machine that kept it from
  /// looking.
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
    // A fault of this machine proves nothing about a host, so no host is left out for it.
    if let fault = survey.fault { throw fault }
    let down = survey.unreachable.map { ($0.host.name, "known down: \($0.reason)") }
    let latched = survey.hosts.filter(\.isLatched).map { ($0.host.name, "latched: lift first") }
    let excluded = Dictionary(down + latched, uniquingKeysWith: { first, _ in first })
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
    var plan = DeployPlan(request: request, rollout: rollout, survey: survey, estimate: estimate)
    // In a runbook for an emergency there are none.
    let rules = (CallContext.current.run?.world ?? world).rules
    plan.gates = rules?.gateSubjects ?? []
    plan.gateProblem = rules?.gateProblem
    return plan
  }

  /// The plan of a rollout whose first host has something to change: one of the site's group `canary`, else any.
  private func order(
    _ request: DeployRequest,
    excluded: [String: String],
    _ survey: Survey,
    seed: UInt64
  ) throws(RolloutError) -> RolloutPlan {
    let plan = try RolloutPlan(policy: request.policy, items: request.hostNames, excluded: excluded, seed: seed)
    let unfinished = Set(survey.hosts.filter { !$0.isDone(request) }.map(\.host.name))
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
}
