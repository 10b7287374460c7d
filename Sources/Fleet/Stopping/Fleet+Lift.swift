import PrimitiveKit
import Site

extension Fleet {
  /// Lifts latches and other stop marks, as a run with a reason; starts nothing.
  ///
  /// Asks for the number of bots. Throws `plan.reason_missing`, `plan.declined`, `prompt.not_interactive`, `approval.*`,
  /// `lock.refused` and `journal.*`.
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
        hint: "say why the bots may trade again: reason=\"…\", or --reason TEXT"
      )
    }
    return try await inRun(
      of: "fleet.lift",
      ["on": on.value, "reason": reason.value],
      hosts: shares.map(\.host),
      effects: [.administers],
      dry: dry
    ) { run throws(CallFailure) in try await self.lift(shares, reason, check, run) }
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
        let state = failure.leavesUnknown ? "unknown" : "unreachable"
        return share.bots.map {
          LiftedMark(bot: $0, host: host.name, state: state, note: failure.reason(on: host.name))
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
      PartialChange.Part(
        name: "\(mark.bot) on \(mark.host)",
        kind: mark.state == "unknown" ? .unknown : mark.state == "unreachable" ? .unreachable : .failed,
        why: mark.note
      )
    }
    try PartialChange(primitive: "fleet.lift", count: marks.count, parts: parts, check: check).settle(dialogue)
    return marks
  }
}
