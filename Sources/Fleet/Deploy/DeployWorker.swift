import PrimitiveKit
import Synchronization

/// Does a deploy's work on one host at a time, for the rollout driver.
struct DeployWorker: RolloutWorker {
  let fleet: Fleet
  let request: DeployRequest
  let run: Run

  func perform(_ host: String) async -> HostOutcome {
    guard let share = request.share(host) else { return .failed("the host is not in the plan") }
    let start = run.world.clock.measuring()
    let outcome = await deploy(share)
    if outcome == .ok { fleet.hostTimes.add(host, start.elapsed()) }
    report(share, outcome, start.elapsed())
    return outcome
  }

  /// Looks at every bot changed so far through a fresh read: still the new image, still running, and logins possible.
  func gate(_ completed: [String]) async -> GateVerdict {
    let shares = completed.compactMap(request.share)
    let seen = await fleet.survey(shares)
    if !seen.unreachable.isEmpty {
      return .inconclusive("\(NameSet(names: seen.unreachable.map(\.host.name)).folded) no longer answers")
    }
    let failed = seen.bots.filter { !$0.isRunning || $0.digest != request.image.reference.digest }
    let onTarget = seen.bots.filter { $0.isRunning && $0.digest == request.image.reference.digest }
    if onTarget.isEmpty, !failed.isEmpty {
      return .fail("no bot of \(NameSet(names: completed).folded) runs \(request.image.name)")
    }
    if !onTarget.isEmpty, onTarget.allSatisfy({ $0.login == "no" || $0.login == "unknown" }) {
      return .inconclusive("none of the \(onTarget.count) new bots has logged in or is waiting to")
    }
    return .pass
  }

  private func deploy(_ share: HostShare) async -> HostOutcome {
    let swap: SwapBots
    do {
      swap = try await prepare(share)
    } catch {
      return HostOutcome(preparing: error, on: share.host.name)
    }
    return await outcome(of: swap)
  }

  /// Puts our host script there when it is not; nothing is done to the bots yet.
  private func prepare(_ share: HostShare) async throws(CallFailure) -> SwapBots {
    let runtime = try fleet.runtime(of: share.host)
    let install = InstallHostScript(host: share.host.hostAddress, runtime: runtime)
    let installed = try await install.installedDigest(in: run.world)
    if let installed, installed != runtime.script.sha256 {
      fleet.dialogue.say(
        "  \(share.host.name): its host script was changed (\(installed.prefix(12))); putting ours back"
      )
    }
    if installed != runtime.script.sha256 { _ = try await run.perform(install) }
    return SwapBots(
      host: share.host.hostAddress,
      bots: share.bots,
      image: request.image.reference,
      runtime: runtime,
      run: run.id,
      timing: .init(
        stop: request.policy.stopGraceSeconds,
        settle: request.policy.settleSeconds,
        loginWait: request.policy.loginWaitSeconds
      )
    )
  }

  // The swap goes on without us when the connection breaks, and the same run finds it again: ask before giving up.
  private func outcome(of swap: SwapBots) async -> HostOutcome {
    for attempt in 0... {
      do throws(CallFailure) {
        let swapped = try await run.perform(swap)
        tell(swapped?.bots.filter(\.wasKilled).map(\.bot) ?? [], on: swap.host.name)
        return HostOutcome(swapped)
      } catch {
        let isCutOff = error.code == "host.lost" || (attempt > 0 && error.code == "host.unreachable")
        guard isCutOff, attempt < DeployWorker.attachAttempts, !Task.isCancelled else {
          // Once something was sent, not reaching the host any more does not undo it.
          return attempt == 0 ? HostOutcome(error, on: swap.host.name) : .unknown(error.reason(on: swap.host.name))
        }
        if attempt > 0 { try? await run.world.clock.sleep(for: DeployWorker.attachPause) }
      }
    }
    return .unknown("no answer")
  }

  /// How often a swap whose connection broke is looked for, at once and then in pauses: half a minute in all.
  private static var attachAttempts: Int { 6 }
  private static var attachPause: Duration { .seconds(5) }

  private func tell(_ killed: [String], on host: String) {
    guard !killed.isEmpty else { return }
    fleet.dialogue.say("  \(host): \(NameSet(names: killed).folded) \(BotSwap.killedNote)")
  }

  private func report(_ share: HostShare, _ outcome: HostOutcome, _ duration: Duration) {
    fleet.dialogue.event(
      SessionEvent(
        "deploy.host",
        [
          "host": share.host.name.value, "class": outcome.outcomeClass.rawValue.value,
          "detail": outcome.detail.value, "bots": share.bots.value, "seconds": .number(duration.seconds),
          "run": run.id.value,
        ]
      )
    )
  }
}

extension HostOutcome {
  init(_ swap: SwapOutcome?) {
    guard let swap else {
      self = .unknown("the outcome could not be predicted")
      return
    }
    if swap.isUnchanged {
      self = .unchanged
    } else if swap.bots.contains(where: { $0.result == .unknown }) {
      self = .unknown(swap.complaint)
    } else {
      self = swap.isGood ? .ok : .failed(swap.complaint)
    }
  }

  /// A failure before anything was done to the bots: nothing that happens to the connection then has an effect.
  init(preparing failure: CallFailure, on host: String) {
    switch failure.code {
    case "host.lost", "host.timeout": self = .unreachable(failure.reason(on: host))
    default: self.init(failure, on: host)
    }
  }

  init(_ failure: CallFailure, on host: String) {
    let reason = failure.reason(on: host)
    switch failure.code {
    case "host.unreachable", "host.read_only": self = .unreachable(reason)
    case "host.lost", "host.timeout", "call.cancelled": self = .unknown(reason)
    default: self = .failed(reason)
    }
  }
}

/// A running measurement on a clock.
struct Measurement: Sendable {
  let elapsed: @Sendable () -> Duration
}

extension Clock where Duration == Swift.Duration {
  /// Starts measuring.
  func measuring() -> Measurement {
    let start = now
    return Measurement { start.duration(to: self.now) }
  }
}
