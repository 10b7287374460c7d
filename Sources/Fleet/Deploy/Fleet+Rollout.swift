import Foundations
import PrimitiveKit
import Rollout
import Site

extension Fleet {
  /// Rolls out, then verifies through fresh reads and re-checks the stragglers.
  func roll(
    _ request: DeployRequest,
    _ rollout: RolloutPlan,
    _ worker: DeployWorker,
    _ log: RolloutLog
  ) async throws(CallFailure) -> DeployReport {
    let run = worker.run
    let elapsed = run.world.clock.stopwatch()
    if CallContext.current.run == nil { dialogue.say("run: \(run.id)") }
    let driver = RolloutDriver()
    let view = RolloutView(dialogue: dialogue, run: run.id)
    // The first Ctrl-C cancels this call and so stops starts; the next one detaches from the hosts in flight.
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
    let seconds = elapsed().seconds
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
      seconds: elapsed().seconds
    )
    dialogue.say(result.closing)
    return result
  }

  /// Asks whether a paused rollout continues; anything but `continue`, Ctrl-C too, ends it.
  private func decide(_ reason: String, _ driver: RolloutDriver) async {
    dialogue.progress(nil)
    let answer = try? await dialogue.ask("The gate is inconclusive: \(reason). Type continue or stop: ")
    answer == "continue" ? driver.resume() : driver.abort("after an inconclusive gate")
  }

  /// The verification block and, unless told otherwise, the re-check of stragglers.
  ///
  /// A cancelled call still says what state it left; only the wait for stragglers ends at once.
  func verify(_ request: DeployRequest, waiting: Bool = true) async -> Verification {
    let first = Verification(await surveyUncancelled(request.shares), image: request.image, live: request.live)
    dialogue.say(first.render())
    let wait = request.policy.stragglerWaitSeconds
    guard waiting, !first.notLoggedIn.isEmpty, wait > 0, !Task.isCancelled else { return first }
    let late = await recheck(first, shares: request.shares, wait: wait)
    let updated = first.bots.map { bot in late.first { $0.bot == bot.bot } ?? bot }
    return Verification(updated, image: request.image, live: request.live)
  }
}
