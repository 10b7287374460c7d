import Foundations
package import PrimitiveKit

extension Journal {
  /// Takes every call of the spool that is over into the journal and forgets it there; answers those that it took.
  ///
  /// Each call becomes a run with its operations and audit records in one transaction, once: a second process that drains
  /// the same file, or this one after a crash before the file was gone, finds the run. Throws `journal.*`.
  @discardableResult
  package func drain(_ spool: StopSpool) async throws(CallFailure) -> [SpooledCall] {
    var taken: [SpooledCall] = []
    var problem: CallFailure?
    for call in spool.calls().calls where call.isOver(seenFrom: identity) {
      do throws(CallFailure) {
        if try await adopt(call) { taken.append(call) }
        spool.remove(call.id)
      } catch {
        // One that cannot be taken does not keep the others out.
        problem = problem ?? error
      }
    }
    if let problem { throw problem }
    return taken
  }

  /// Writes a call of the stop lane down as a run; false where the journal has it already.
  func adopt(_ call: SpooledCall) async throws(CallFailure) -> Bool {
    for text in call.texts.values { _ = texts.intern(text) }
    do throws(CallFailure) {
      return try await change(isLast: true) { (change) throws(CallFailure) in
        guard try await !change.knows(call.id) else { return false }
        change.speak(of: call.identity)
        try await change.begin(call.header)
        for work in call.work {
          try await change.intend(work.intent, run: call.id)
          if let end = work.end { _ = try await change.settle(work.intent.key, end, run: call.id, claim: nil) }
        }
        let header = call.header
        try await change.auditState(of: call.id, header.state, header.stateReason, header.exitCode)
        change.speak(of: nil)
        try await change.audit(
          "run.note",
          run: call.id,
          ["text": .string("recorded locally by the stop, journaled later")]
        )
        return true
      }
    } catch {
      // Two drained it at once: the key of the run let one of them through.
      let isThere = try await look { (session) throws(CallFailure) in
        try await session.query("SELECT id FROM runs WHERE id = $1", [.text(call.id)]).isEmpty == false
      }
      if isThere { return false }
      throw error
    }
  }
}

extension JournalChange {
  fileprivate func knows(_ run: String) async throws(CallFailure) -> Bool {
    try await query("SELECT id FROM runs WHERE id = $1", [.text(run)]).isEmpty == false
  }
}
