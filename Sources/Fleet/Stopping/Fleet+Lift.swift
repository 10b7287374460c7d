import PrimitiveKit
import Site
import Synchronization

extension Fleet {
  /// Lifts latches and other stop marks, as a run with a reason; starts nothing.
  ///
  /// Asks for the number of bots. Throws `plan.reason_missing`, `plan.declined`, `prompt.not_interactive`, `approval.*`,
  /// `lock.refused`, `journal.*`, and `plan.changed` where a bot has another mark by the time of the answer.
  func lift(_ on: BotSelector, reason: String, check: Bool? = nil, dry: Bool) async throws(CallFailure) -> [LiftedMark]
  {
    let site = try requireSite(for: "fleet.lift")
    let shares = try selectShares(on.text, in: site)
    let reason = reason.isEmpty ? options.reason ?? "" : reason
    guard reason.contains(where: { !$0.isWhitespace }) else {
      throw CallFailure(
        .refused,
        code: "plan.reason_missing",
        message: "fleet.lift needs a reason",
        hint: "say why the bots may trade again: reason=\"…\" or --reason TEXT"
      )
    }
    let planned = PlannedMarks()
    return try await inRun(
      of: "fleet.lift",
      ["on": on.value, "reason": reason.value],
      hosts: shares.map(\.host),
      effects: [.administers],
      dry: dry,
      stillHolds: { () throws(CallFailure) in try await self.recheck(shares, reason, planned.marks) }
    ) { run throws(CallFailure) in
      let marks = try await self.lift(shares, reason, check, run)
      if run.world.mode == .dry { planned.marks = marks }
      return marks
    }
  }

  /// Looks once more whether every bot has the mark that it had when somebody was asked.
  ///
  /// Throws `plan.changed`. A host that does not answer is told when its marks are to be lifted.
  private func recheck(_ shares: [HostShare], _ reason: String, _ planned: [LiftedMark]) async throws(CallFailure) {
    let now = await shares.concurrentMap(limit: fanOut) { share -> [LiftedMark] in
      let lift = (try? self.runtime(of: share.host)).map {
        LiftMarks(host: share.host.hostAddress, bots: share.bots, runtime: $0, reason: reason)
      }
      return (try? await lift?.marks(in: self.world)) ?? []
    }.flatMap(\.self)
    for mark in now {
      guard let before = planned.first(where: { $0.bot == mark.bot && $0.host == mark.host }) else { continue }
      guard ["lifted", "unchanged"].contains(before.state), before.id != mark.id else { continue }
      let (was, found) = (before.words, mark.words)
      throw CallFailure(FleetError.planChanged(bot: mark.bot, host: mark.host, was: was, is: found))
    }
  }

  private func lift(
    _ shares: [HostShare],
    _ reason: String,
    _ check: Bool?,
    _ run: Run
  ) async throws(CallFailure) -> [LiftedMark] {
    let ending = FatalFailure()
    let marks = await shares.concurrentMap(limit: fanOut) { share -> [LiftedMark] in
      let host = share.host
      do {
        let runtime = try self.runtime(of: host)
        let change = LiftMarks(host: host.hostAddress, bots: share.bots, runtime: runtime, reason: reason)
        return try await run.perform(change) ?? []
      } catch {
        let failure = CallFailure(anyError: error)
        await ending.note(failure, in: run)
        return share.bots.map {
          LiftedMark(bot: $0, host: host.name, state: failure.reportedState, note: failure.reason(on: host.name))
        }
      }
    }.flatMap(\.self)
    try ending.check()
    let isDry = run.world.mode == .dry
    let lifted = marks.filter { $0.state == "lifted" }
    dialogue.say(
      (isDry ? "would lift" : "lifted") + " \(lifted.count.counted("mark")) of \(marks.count.counted("bot"))"
        + (isDry ? " (dry run: nothing was changed)" : lifted.isEmpty ? "" : "; fleet.start starts them")
    )
    let failed = marks.filter { !["lifted", "unchanged"].contains($0.state) }
    for mark in failed { dialogue.say("  \(mark.bot) on \(mark.host): \(mark.state): \(mark.note)") }
    dialogue.shown(marks.value)
    guard !isDry else { return marks }
    let parts = failed.map { mark in
      PartialChange.Part(name: "\(mark.bot) on \(mark.host)", kind: .init(mark.state), why: mark.note)
    }
    try PartialChange(primitive: "fleet.lift", count: marks.count, parts: parts, check: check).settle(dialogue)
    return marks
  }
}

/// The marks that a plan showed, for whoever looks again.
private final class PlannedMarks: Sendable {
  private let held = Mutex<[LiftedMark]>([])

  var marks: [LiftedMark] {
    get { held.withLock { $0 } }
    set { held.withLock { $0 = newValue } }
  }
}

extension LiftedMark {
  fileprivate var words: String { id == nil ? "without a mark" : "marked \(mode) (\(note))" }
}
