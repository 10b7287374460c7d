import HostScript
import PrimitiveKit
import Rollout
import Site

extension Fleet {
  /// The end of a dry run: predicts every operation of every host and prints them, equal hosts folded.
  func rehearse(_ plan: DeployPlan, run: Run) async throws(CallFailure) -> Value {
    let request = plan.request
    let down = Set(plan.knownDown.map(\.host.name))
    let latched = Set(plan.survey.hosts.filter(\.isLatched).map(\.host.name))
    let shares = request.shares.filter { !down.union(latched).contains($0.host.name) }
    let timing = SwapBots.Timing(
      stop: request.policy.stopGraceSeconds,
      settle: request.policy.settleSeconds,
      loginWait: request.policy.loginWaitSeconds
    )
    let steps = await shares.concurrentMap(limit: fanOut) { share in
      await self.predictedSteps(share, request, timing, run: run)
    }
    var groups: [(steps: [String], hosts: [String])] = []
    for (share, lines) in zip(shares, steps) {
      if let index = groups.firstIndex(where: { $0.steps == lines }) {
        groups[index].hosts.append(share.host.name)
      } else {
        groups.append((lines, [share.host.name]))
      }
    }
    var text = ["operations, by host:"]
    for group in groups.sorted(by: { $0.hosts.count > $1.hosts.count }) {
      text.append("  \(NameSet(names: group.hosts).folded) (\(group.hosts.count))")
      text += group.steps.map { "    \($0)" }
    }
    if !down.isEmpty {
      text.append("  \(NameSet(names: down.sorted()).folded) (\(down.count)): left out, not reachable")
    }
    if !latched.isEmpty {
      text.append("  \(NameSet(names: latched.sorted()).folded) (\(latched.count)): left out, every bot has a latch")
    }
    text += await run.objections.map { "  \($0.message)" }
    text.append("dry run: nothing was changed")
    dialogue.say(text.joined(separator: "\n"))
    await run.describe(plan.line)
    await run.expect(seconds: Double(plan.estimate.lowSeconds + plan.estimate.highSeconds) / 2)
    let operations = await run.operations
    let result = Value.table([
      "run": run.id.value, "result": "Dry run".value, "image": request.image.name.value,
      "hosts": request.shares.count.value, "operations": operations.map(\.value).value,
    ])
    dialogue.shown(result)
    return result
  }

  private func predictedSteps(
    _ share: HostShare,
    _ request: DeployRequest,
    _ timing: SwapBots.Timing,
    run: Run
  ) async -> [String] {
    do {
      let runtime = try runtime(of: share.host)
      var steps: [String] = []
      let install = InstallHostScript(host: share.host.hostAddress, runtime: runtime)
      if !(try await run.hasPredicted(install)), !(try await install.isInstalled(in: run.world)) {
        _ = try await run.perform(install)
        steps.append("install the host script \(runtime.script.sha256.prefix(12))")
      }
      let swap = SwapBots(
        host: share.host.hostAddress,
        bots: share.bots,
        image: request.image.reference,
        runtime: runtime,
        timing: timing,
        restores: request.restores,
        asFound: request.asFound(of: share)
      )
      guard let outcome = try await run.perform(swap) else { return steps + ["cannot be predicted"] }
      for (result, words) in [(BotSwap.Result.swapped, "swap"), (.unchanged, "leave alone"), (.refused, "leave out")] {
        let bots = outcome.bots.filter { $0.result == result }
        guard !bots.isEmpty else { continue }
        // Bots differ from host to host; their number is what makes two hosts alike.
        let way = result == .swapped ? " to \(request.image.name)" : result == .refused ? " with a latch" : ""
        steps.append("\(words) \(bots.count.counted("bot"))\(way)")
      }
      return steps
    } catch {
      return ["cannot be predicted: \(CallFailure(anyError: error).message)"]
    }
  }
}

extension OperationRecord {
  /// The operation as a record for scripts.
  var value: Value {
    let words: String =
      switch state {
      case .begun: "begun"
      case .done: "done"
      case .predicted: "predicted"
      case .unpredictable(let why): "unpredictable: \(why)"
      case .failed(let failure): "failed: \(failure.message)"
      }
    return .table([
      "kind": kind.value, "host": target.name.value, "summary": summary.value, "effect": effect.rawValue.value,
      "state": words.value, "reversible": isReversible.value,
    ])
  }
}
