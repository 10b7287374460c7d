package import PrimitiveKit

/// What a pruning removed, or would.
package struct PruneReport: Sendable, Equatable {
  package var runs = 0
  package var operations = 0
  package var steps = 0
  package var reads = 0
  package var questions = 0
  package var texts = 0
  /// Bytes of those texts.
  package var bytes = 0
  /// Runs that are as old and stay: unfinished, with a change of unknown outcome, or needed by a run that stays.
  package var kept = 0
}

extension Journal {
  /// Removes runs that ended before a time with everything that only they need; the audit chain stays whole.
  ///
  /// A record of the chain names what was removed, so `verify` does not miss it. Stays: what has not ended, what holds a
  /// change of unknown outcome, and what a run that stays refers to. Each batch is one transaction, so a pruning that is
  /// killed has removed whole runs or nothing of them. `before` is in milliseconds since 1970. Throws `journal.*`.
  package func prune(before: Int64, isDry: Bool = false) async throws(CallFailure) -> PruneReport {
    if let obstacle = await obstacle() { throw obstacle }
    var report = PruneReport()
    let (gone, kept) = try await look { (session) throws(CallFailure) in
      try await Pruning(session: session).candidates(before: before)
    }
    report.kept = kept
    if isDry {
      let (counts, texts) = try await look { (session) throws(CallFailure) in
        let pruning = Pruning(session: session)
        return (try await pruning.count(gone), try await pruning.unneeded(without: Set(gone), before: before))
      }
      return report.adding(counts).adding(texts)
    }
    for start in stride(from: 0, to: gone.count, by: Pruning.batch) {
      let batch = Array(gone[start..<min(start + Pruning.batch, gone.count)])
      report = report.adding(
        try await change { (change) throws(CallFailure) in
          try await Pruning(session: change.session).remove(batch, before: before, change)
        }
      )
    }
    let texts = try await change(isLast: true) { (change) throws(CallFailure) in
      try await Pruning(session: change.session).removeTexts(before: before, change)
    }
    return report.adding(texts)
  }
}

extension PruneReport {
  fileprivate func adding(_ other: PruneReport) -> PruneReport {
    var sum = self
    sum.runs += other.runs
    sum.operations += other.operations
    sum.steps += other.steps
    sum.reads += other.reads
    sum.questions += other.questions
    sum.texts += other.texts
    sum.bytes += other.bytes
    return sum
  }
}
