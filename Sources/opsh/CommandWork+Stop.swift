import Fleet
import PrimitiveKit

extension CommandWork {
  /// Stops what the words select; typed on purpose, so nobody is asked unless it latches for good.
  func stop() async throws(CallFailure) -> [Value] {
    guard !words.isEmpty, words.allSatisfy({ !$0.isEmpty }) else {
      throw command.failure("stop needs bots", hint: "opsh stop bot1, opsh stop @production, opsh stop '*'")
    }
    var wish = StopWish()
    wish.reason = work.invocation.session.reason ?? ""
    do throws(ConversionError) {
      if let mode = work.invocation.runbook.mode { wish.mode = try StopMode(.string(mode)) }
      if let grace = work.invocation.runbook.grace { wish.grace = try Duration(.string(grace)) }
    } catch {
      throw command.failure("--mode or --grace should be \(error.expected)", code: "usage.option")
    }
    // A latch outlasts the call that set it.
    wish.isOnPurpose = wish.mode != .haltAll
    let on = BotSelector(stringLiteral: words.joined(separator: ","))
    return [try await Fleet(work.composition.surroundings).stop(on, wish, dry: work.invocation.session.isDryRun).value]
  }
}
