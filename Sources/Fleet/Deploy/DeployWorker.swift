import Foundations
import PrimitiveKit
import Rollout
import Site
import Synchronization

/// Does a deploy's work on one host at a time, for the rollout driver.
struct DeployWorker: RolloutWorker {
  let fleet: Fleet
  let request: DeployRequest
  let run: Run

  /// What ends the whole deploy, where it is not a host's own failure.
  let ending = FatalFailure()

  func perform(_ host: String) async throws(NotBegun) -> ItemOutcome { try await work(on: host, mayBegin: true) }

  func takeUp(_ host: String) async throws(NotBegun) -> ItemOutcome { try await work(on: host, mayBegin: false) }

  /// Answers from the record what an earlier process did, so that the run knows of it.
  func recall(_ host: String) async {
    guard let share = request.share(host), let swap = try? swap(share) else { return }
    let install = InstallHostScript(host: swap.host, runtime: swap.runtime)
    await recall(install)
    await recall(swap)
  }

  private func recall(_ change: some Operation) async {
    guard let operation = try? run.encoded(change), await run.knows(operation) else { return }
    _ = try? await run.perform(operation)
  }

  private func work(on host: String, mayBegin: Bool) async throws(NotBegun) -> ItemOutcome {
    guard let share = request.share(host) else { return .failed("the host is not in the plan") }
    let elapsed = run.world.clock.stopwatch()
    let swap: EncodedOperation<SwapBots>
    let isKnown: Bool
    do {
      swap = try run.encoded(try self.swap(share))
      isKnown = await run.knows(swap)
      if !isKnown {
        guard mayBegin else { throw NotBegun("the deploy was stopped first") }
        try await prepare(swap.change)
      }
    } catch let error as NotBegun {
      throw error
    } catch {
      let failure = CallFailure(anyError: error)
      try await checkEnd(failure)
      return ItemOutcome(preparing: failure, on: host)
    }
    let outcome = try await outcome(of: swap)
    if outcome == .ok, !isKnown { fleet.hostTimes.add(host, elapsed()) }
    report(share, outcome, elapsed())
    return outcome
  }

  /// Throws when a failure is not the host's own: nothing was sent, and nothing more may be.
  private func checkEnd(_ failure: CallFailure) async throws(NotBegun) {
    if failure.mark == .local { throw note(failure) }
    guard await run.mustEnd(with: failure) else { return }
    await ending.note(failure, in: run)
    throw NotBegun(failure.message, isWanted: failure.failureClass == .cancelled)
  }

  /// Remembers a fault of this machine, which the next host would meet, too.
  private func note(_ failure: CallFailure) -> NotBegun {
    ending.note(fault: failure)
    return NotBegun(failure.message)
  }

  /// Looks at every bot changed so far through a fresh read: still the new image, still running, and logins possible.
  func gate(_ completed: [String]) async throws(NotBegun) -> GateVerdict {
    let shares = completed.compactMap(request.share)
    let seen = await fleet.survey(shares)
    if let fault = seen.fault { throw note(fault) }
    if !seen.unreachable.isEmpty {
      return .inconclusive("\(NameSet(names: seen.unreachable.map(\.host.name)).folded) no longer answers")
    }
    let failed = seen.bots.filter {
      (!$0.isRunning || $0.digest != request.image.reference.digest) && !request.isStill($0)
    }
    let onTarget = seen.bots.filter { $0.isRunning && $0.digest == request.image.reference.digest }
    if onTarget.isEmpty, !failed.isEmpty {
      return .fail("no bot of \(NameSet(names: completed).folded) runs \(request.image.name)")
    }
    if !onTarget.isEmpty, onTarget.allSatisfy({ $0.login == "no" || $0.login == "unknown" }) {
      return .inconclusive("none of the \(onTarget.count) new bots has logged in or is waiting to")
    }
    return await run.world.rules?.verdict(on: completed) ?? .pass
  }

  private func swap(_ share: HostShare) throws(CallFailure) -> SwapBots {
    SwapBots(
      host: share.host.hostAddress,
      bots: share.bots,
      image: request.image.reference,
      runtime: try fleet.runtime(of: share.host),
      timing: .init(
        stop: request.policy.stopGraceSeconds,
        settle: request.policy.settleSeconds,
        loginWait: request.policy.loginWaitSeconds
      ),
      restores: request.restores,
      asFound: request.asFound(of: share)
    )
  }

  /// Puts our host script there when it is not; nothing is done to the bots yet.
  private func prepare(_ swap: SwapBots) async throws(CallFailure) {
    try await fleet.install(swap.runtime, on: swap.host, in: run) { digest in
      fleet.dialogue.say(
        "  \(swap.host.name): its host script was changed (\(digest.prefix(12))); reinstalling it"
      )
    }
  }

  // The swap continues without us when the connection breaks, and the same ticket finds it again: ask before giving up.
  private func outcome(of operation: EncodedOperation<SwapBots>) async throws(NotBegun) -> ItemOutcome {
    let swap = operation.change
    for attempt in 0... {
      do throws(CallFailure) {
        let swapped = try await run.perform(operation)
        tell(swapped?.bots.filter(\.wasKilled).map(\.bot) ?? [], on: swap.host.name)
        return pardoned(swapped, on: swap.host.name) ?? ItemOutcome(swapped)
      } catch {
        let isInDoubt = await run.isInDoubt(operation)
        if !isInDoubt { try await checkEnd(error) }
        await ending.note(error, in: run)
        if !isInDoubt, error.failureClass == .cancelled { throw NotBegun(error.message, isWanted: true) }
        let isCutOff = error.leavesUnknown && error.mark == nil
        guard isInDoubt, isCutOff, attempt < Run.attachAttempts, !Task.isCancelled else {
          // Once something was sent, not reaching the host any more does not undo it.
          return isInDoubt ? .unknown(error.reason(on: swap.host.name)) : ItemOutcome(error, on: swap.host.name)
        }
        if attempt > 0 { try? await run.world.clock.sleep(for: Run.attachPause) }
      }
    }
    return .unknown("no answer")
  }

  /// A swap of which only bots failed that are not critical: they are told, and the host is done.
  private func pardoned(_ swap: SwapOutcome?, on host: String) -> ItemOutcome? {
    guard let swap, !swap.isGood, swap.bots.contains(where: \.isGood) else { return nil }
    let bad = swap.bots.filter { !$0.isGood }
    guard bad.allSatisfy({ !fleet.systems.isCritical($0.bot) }) else { return nil }
    fleet.dialogue.say("  \(host): \(SwapOutcome(host: host, bots: bad).complaint) (not critical)")
    return .ok
  }

  private func tell(_ killed: [String], on host: String) {
    guard !killed.isEmpty else { return }
    fleet.dialogue.say("  \(host): \(NameSet(names: killed).folded) \(BotSwap.killedNote)")
  }

  private func report(_ share: HostShare, _ outcome: ItemOutcome, _ duration: Duration) {
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

extension ItemOutcome {
  init(_ swap: SwapOutcome?) {
    guard let swap else {
      self = .unknown("the outcome could not be predicted")
      return
    }
    if swap.isUnchanged {
      self = .unchanged
    } else if swap.bots.contains(where: { $0.result == .unknown }) {
      self = .unknown(swap.complaint)
    } else if swap.wasStopped {
      self = .excluded(swap.complaint)
    } else {
      self = swap.isGood ? .ok : .failed(swap.complaint)
    }
  }

  /// A failure before anything was done to the bots: nothing that happens to the connection then has an effect.
  init(preparing failure: CallFailure, on host: String) {
    if failure.leavesUnknown, failure.mark != .cancelled {
      self = .unreachable(failure.reason(on: host))
    } else {
      self.init(failure, on: host)
    }
  }

  init(_ failure: CallFailure, on host: String) {
    let reason = failure.reason(on: host)
    switch failure.failureClass {
    case .unavailable: self = .unreachable(reason)
    case .unknownOutcome: self = .unknown(reason)
    default: self = .failed(reason)
    }
  }
}
