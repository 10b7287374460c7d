import PrimitiveKit
import Site

extension Fleet {
  /// Waits for bots that have not logged in yet and looks at them again (R1-20).
  ///
  /// Only looks: another login attempt during a rate limit would reset the ban. Ends early when all are in, and at once
  /// when the call is cancelled. Answers the status of the stragglers at the end.
  func recheck(_ verification: Verification, shares: [HostShare], wait: Int) async -> [BotStatus] {
    let names = Set(verification.notLoggedIn)
    let asked = shares.compactMap { share in
      let bots = share.bots.filter(names.contains)
      return bots.isEmpty ? nil : HostShare(host: share.host, bots: bots)
    }
    dialogue.say(
      "letting \(names.count.counted("straggler")) finish their login — they are only watched, never restarted"
    )
    var seen = verification.bots.filter { names.contains($0.bot) }
    var left = wait
    while left > 0, !Task.isCancelled, !seen.allSatisfy(\.isLoggedIn) {
      let waiting = seen.filter { !$0.isLoggedIn }.count.counted("straggler")
      dialogue.progress(
        ProgressStatus(
          line: "re-checking \(waiting) — \(left)s left",
          plain: "waiting for \(waiting), \(left)s left"
        )
      )
      do {
        try await world.clock.sleep(for: .seconds(1))
      } catch {
        break
      }
      left -= 1
      if left % Fleet.recheckSeconds == 0, !Task.isCancelled { seen = await survey(asked).bots }
    }
    if !seen.allSatisfy(\.isLoggedIn) { seen = await surveyUncancelled(asked).bots }
    dialogue.progress(nil)
    if Task.isCancelled { dialogue.say("the re-check ended early; the bots are still logging in") }
    let late = seen.filter(\.isLoggedIn).count
    dialogue.say(
      """
      ── retry result ──
      logged in during wait : \(late)/\(names.count)
      STILL not logged in   : \(Verification.listed(seen.filter { !$0.isLoggedIn }.map(\.bot)))
      """
    )
    return seen
  }

  /// Seconds between two looks at the stragglers.
  private static var recheckSeconds: Int { 5 }
}
