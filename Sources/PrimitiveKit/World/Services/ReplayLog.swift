import Synchronization

/// Answers the reads of all services from one recording, and remembers what it could not answer.
package final class ReplayLog: Sendable {
  private struct State {
    /// How often a question was answered.
    var answered: [String: Int] = [:]
    var missing: [MissingRead] = []
    var missed: Set<String> = []
  }

  package let masks: Masks
  private let directory: String
  private let reads: [String: [String: [String: RecordedRead]]]
  private let state = Mutex(State())

  /// `directory` is where the recording came from, for hints.
  package init(_ reads: RecordedReads, masks: Masks, directory: String) {
    self.masks = masks
    self.directory = directory
    self.reads = reads.mapValues { subjects in
      subjects.mapValues { Dictionary($0.map { ($0.digest, $0) }, uniquingKeysWith: { first, _ in first }) }
    }
  }

  /// The next answer to a question, and the last one again and again; throws what says which read is missing.
  package func answer<S: Service, Kept: RecordedAnswer>(
    to question: ReadQuestion,
    of service: S.Type,
    as type: Kept.Type = Kept.self
  ) throws(MissingRead) -> Kept {
    let key = question.digest
    guard let read = reads[S.name]?[question.subject]?[key], let last = read.answers.last else {
      throw miss(question, S.missing(nearest(question, in: S.name)), S.name)
    }
    let turn = state.withLock { state in
      let key = "\(S.name) \(question.subject) \(key)"
      defer { state.answered[key, default: 0] += 1 }
      return state.answered[key] ?? 0
    }
    guard let answer = try? (turn < read.answers.count ? read.answers[turn] : last).decoded(as: type) else {
      throw miss(question, "its answer has the wrong type", S.name)
    }
    return answer
  }

  /// Fails when a read was not in the recording since the last check, also when a primitive took that for silence.
  ///
  /// Throws the first `recording.missing`, with how many others there were.
  package func check() throws(CallFailure) {
    let missing = state.withLock { state in
      defer { (state.missing, state.missed) = ([], []) }
      return state.missing
    }
    guard let first = missing.first else { return }
    var failure = CallFailure(first)
    let others = missing.count - 1
    if others > 0 { failure.message += " (and \(others) other read\(others == 1 ? "" : "s"))" }
    throw failure
  }

  private func nearest(_ question: ReadQuestion, in service: String) -> NearestRead {
    guard let known = reads[service]?[question.subject] else { return .noSubject }
    let changed = known.values.lazy.map { read in question.parts.keys.filter { read.parts[$0] != question.parts[$0] } }
    // One that differs in all of its parts is another question.
    guard let least = changed.filter({ $0.count < question.parts.count }).min(by: { $0.count < $1.count }) else {
      return .noQuestion
    }
    return .changed(parts: least.sorted())
  }

  private func miss(_ question: ReadQuestion, _ why: String, _ service: String) -> MissingRead {
    let missing = MissingRead(
      subject: question.subject,
      summary: question.summary,
      why: why,
      hint:
        "record again where the fleet can be reached: opsh --record \(directory) --dry-run … with the same arguments"
    )
    state.withLock { state in
      if state.missed.insert("\(service) \(question.subject) \(question.digest)").inserted {
        state.missing.append(missing)
      }
    }
    return missing
  }
}

/// A read that a recording does not hold.
package struct MissingRead: OperatorError, Equatable {
  package let subject: String
  package let summary: String
  package let why: String
  let advice: String

  init(subject: String, summary: String, why: String, hint: String) {
    (self.subject, self.summary, self.why, advice) = (subject, summary, why, hint)
  }

  package var failureClass: FailureClass { .invalid }
  package var code: String { "recording.missing" }
  package var message: String { "the recording has no answer from \(subject) to: \(summary): \(why)" }
  package var hint: String? { advice }
}
