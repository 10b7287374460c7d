/// One execution: everything it changes passes through here.
///
/// A dry run predicts its operations. A live one writes each down before it is sent and again when it ended; what an
/// earlier process of the same run finished is answered from the record and not done again (DESIGN section 6). A change
/// whose scopes are not held is refused before anything is recorded or sent.
package actor Run {
  /// Names the run to operators and to hosts.
  package nonisolated let id: String
  package nonisolated let world: World
  /// The id of the journal that granted the epoch; nil where it is not known.
  package nonisolated let journal: String?
  private let holding: any RunHolding
  let record: any RunRecord
  private let replay: RunReplay
  let coding: OperationCoding
  private var keys: OperationKeys
  private var records: [OperationRecord] = []
  private var stop: CallFailure?
  /// How long whoever knows expects it to take, in seconds; nil when nobody said.
  package private(set) var expectedSeconds: Double?
  private var ordinals: [String: Int] = [:]
  private var facts: [String: String] = [:]

  /// A run without a record and without locks, so that it can change nothing, unless they are given.
  package init(
    id: String,
    world: World,
    journal: String? = nil,
    holding: any RunHolding = HoldsNothing(),
    record: any RunRecord = NoRecord(),
    replay: RunReplay = RunReplay(),
    coding: OperationCoding = OperationCoding()
  ) {
    self.id = id
    self.world = world.planned
    self.journal = journal
    self.holding = holding
    self.record = record
    self.replay = replay
    self.coding = coding
    keys = OperationKeys(replay.operations, aliases: Run.aliases(replay, coding))
  }

  private static let sameAs = "same as: "

  private static func aliases(_ replay: RunReplay, _ coding: OperationCoding) -> [String: String] {
    var aliases: [String: String] = [:]
    for (name, text) in replay.reads where name.hasPrefix(sameAs) {
      aliases[String(name.dropFirst(sameAs.count))] = try? coding.decode(String.self, from: text)
    }
    return aliases
  }

  /// The epoch of the run's newest lock; nil without one.
  package nonisolated var epoch: Int? { holding.epoch }

  /// The operations so far, in the order they were begun.
  package var operations: [OperationRecord] { records }

  /// What the calls of a step say they will do, in a line each; by the path of the step, for a plan.
  package private(set) var descriptions: [String: [String]] = [:]

  /// Whether an earlier process of this run wrote anything down.
  package var isContinued: Bool { !replay.operations.isEmpty || !replay.reads.isEmpty }

  /// Why guards would refuse what this dry run has planned; part of its plan.
  package private(set) var objections: [CallFailure] = []

  /// Adds a line to what the present step will do.
  package func describe(_ line: String) { descriptions[CallContext.current.step, default: []].append(line) }

  /// Whether this dry run has predicted the same operation in whatever step: it need not be done twice.
  package func hasPredicted(_ change: some Operation) throws(CallFailure) -> Bool {
    let name = try encoded(change).name
    return records.contains { $0.state == .predicted && OperationKeys.base($0.key, within: $0.step) == name }
  }

  /// The last operation on one of these things that this dry run has planned, as its plan names it.
  package func plannedChange(on kind: OperationTarget.Kind, _ names: Set<String>) -> String? {
    records.last { $0.target.kind == kind && names.contains($0.target.name) && $0.isPlanned }?.summary
  }

  /// Adds to how long the run is expected to take, in seconds; what a plan shows.
  package func expect(seconds: Double) { expectedSeconds = (expectedSeconds ?? 0) + seconds }

  /// Lets nothing new begin: every later operation fails with this; those in flight end.
  package func stopStarting(_ failure: CallFailure) { if stop == nil { stop = failure } }

  /// The operation as it is recorded, for whoever asks about it before it is performed; throws `journal.coding`.
  package nonisolated func encoded<Change: Operation>(_ change: Change) throws(CallFailure) -> EncodedOperation<Change>
  {
    try EncodedOperation(change, coding)
  }

  /// Performs an operation, or predicts it in a dry run: as `perform(_:)` of the encoded one.
  package func perform<Change: Operation>(_ change: Change) async throws(CallFailure) -> Change.Outcome? {
    try await perform(try encoded(change))
  }

  /// Performs an operation, or predicts it in a dry run.
  ///
  /// Answers nil when a dry run cannot predict the outcome. Throws what the operation throws, now or when it was done
  /// first, `run.unknown_outcome` when nobody can say whether it happened, `lock.outside` when its scopes are not held, and
  /// `journal.*` when it cannot be recorded: then nothing was sent.
  package func perform<Change: Operation>(_ operation: EncodedOperation<Change>) async throws(CallFailure)
    -> Change.Outcome?
  {
    let change = operation.change
    let name = keys.next(operation.base(in: CallContext.current.step))
    let key = name.key
    let index = records.count
    let intent = OperationIntent(key: key, operation, step: CallContext.current.step)
    records.append(OperationRecord(intent, stake: change.stake, state: .begun))
    do throws(CallFailure) {
      switch world.mode {
      case .live:
        // A later attempt takes up what an earlier one left in doubt; so must the process after this one.
        if let alias = name.alias { try await record.keep(try coding.encode(key), of: Run.sameAs + alias) }
        let ended = try await carryOut(change, intent)
        records[index].state = .done
        records[index].note(change, ended.outcome, text: ended.text)
        keys.ended(key, isKnown: true)
        return ended.outcome
      case .dry:
        objections += await world.rules?.objections(to: change) ?? []
        let prediction = try await predict(change)
        switch prediction {
        case .exact(let outcome):
          records[index].state = .predicted
          records[index].comment = change.comment(on: outcome)
          records[index].note(change, outcome, text: try coding.encode(outcome))
          return outcome
        case .unknown(let why):
          records[index].state = .unpredictable(why)
          return nil
        }
      }
    } catch {
      records[index].state = .failed(error)
      if world.mode == .live, error.isOfJournal || error == stop { refused = refused ?? error }
      keys.ended(key, isKnown: !error.leavesUnknown && !error.isOfJournal)
      throw error
    }
  }

  /// What a change would answer after those that this plan has predicted, and what it leaves for the next one.
  private func predict<Change: Operation>(_ change: Change) async throws(CallFailure) -> Prediction<Change.Outcome> {
    guard let predicted = world.predicted else { return try await change.predict(in: world) }
    let step = CallContext.current.step.split(separator: "/").first.map { " in step '\($0)'" } ?? " before it"
    let prediction: Prediction<Change.Outcome>
    if let why = predicted.loss(of: change.restsOn) {
      prediction = .unknown(why: why)
    } else {
      prediction = try await change.predict(in: world)
    }
    var outcome: Change.Outcome?
    if case .exact(let exact) = prediction { outcome = exact }
    change.leave(outcome, in: predicted, why: "it depends on the result of \(Change.kind)\(step)")
    return prediction
  }

  /// Answers what `body` answered the first time: for time, randomness, order, and looks that later steps rest on.
  ///
  /// `name` must be unique in its step. Throws what `body` throws, and `journal.*`.
  package func recorded<Answer: Codable & Sendable>(
    _ name: String,
    at step: String = CallContext.current.step,
    _ body: () async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    let key = step.isEmpty ? name : "\(step)/\(name)"
    if let text = replay.reads[key] { return try coding.decode(Answer.self, from: text) }
    let answer = try await body()
    if world.mode == .live { try await record.keep(try coding.encode(answer), of: key) }
    return answer
  }

  /// What holds for the whole run, as it was the first time; it is recorded once, however often it is asked.
  ///
  /// `name` must be unique in the run. Throws what `body` throws, and `journal.*`.
  package func fact(_ name: String, _ body: () throws(CallFailure) -> String) async throws(CallFailure) -> String {
    if let known = facts[name] { return known }
    let fact = try await recorded(name, at: "") { () throws(CallFailure) in try body() }
    facts[name] = fact
    return fact
  }

  /// Keeps what speaks against a release, by its digest, for whoever rolls the run back; throws `journal.*`.
  package func judge(_ digest: String, _ verdict: String) async throws(CallFailure) {
    _ = try await recorded(Run.verdictKey + digest, at: "") { () throws(CallFailure) in verdict }
  }

  /// What the keys of verdicts begin with; the digest of the release follows.
  package static let verdictKey = "verdict on "

  /// Whether an earlier process of this run began the operation that `perform` would now be asked for.
  package func knows(_ operation: EncodedOperation<some Operation>) -> Bool {
    switch replay.operations[keys.upcoming(operation.base(in: CallContext.current.step))] {
    case .notDone?, nil: false
    default: true
    }
  }

  /// Whether the operation was sent and its end is unknown.
  package func isInDoubt(_ operation: EncodedOperation<some Operation>) -> Bool {
    keys.isOpen(keys.upcoming(operation.base(in: CallContext.current.step)))
  }

  /// The key of an operation that was sent and whose end is unknown; nil for any other.
  func openKey(of operation: EncodedOperation<some Operation>) -> String? {
    let key = keys.upcoming(operation.base(in: CallContext.current.step))
    return keys.isOpen(key) ? key : nil
  }

  /// Notes how an operation ended that was in doubt.
  func found(_ ended: EncodedOutcome<some Sendable>, key: String, isReversible: Bool) {
    keys.ended(key, isKnown: true)
    guard let index = records.lastIndex(where: { $0.key == key }) else { return }
    records[index].state = .done
    records[index].isReversible = isReversible
    records[index].outcome = ended.text
  }

  /// Numbers the calls of one name in one step: 1, then 2 …; a resumed run that makes the same calls counts alike.
  package func ordinal(of name: String) -> Int {
    let key = "\(CallContext.current.step)/\(name)"
    ordinals[key, default: 0] += 1
    return ordinals[key, default: 1]
  }

  /// The first change that was refused because nothing new begins or nothing can be recorded; nil for none.
  package private(set) var refused: CallFailure?

  /// Whether this process sent any change, whatever the journal knows of it by now.
  package private(set) var hasSent = false

  /// Why nothing new begins; nil while it may.
  package var stopped: CallFailure? { stop }

  /// The epoch that a change is sent with; what the stop lane sends needs no lock, and its epoch is only compared.
  private func hold(_ change: some Operation) async throws(CallFailure) -> Int? {
    if type(of: change).lane == .stop { return holding.epoch(for: []) }
    do throws(CallFailure) {
      return try await holding.hold(change.target.scopes, for: change.summary)
    } catch {
      // A runbook that catches the refusal does not continue past it.
      stopStarting(error)
      throw error
    }
  }

  /// What a look at a change is sent with: the epoch of its own scopes, however much was locked since.
  func ticket(for change: some Operation, key: String) -> Ticket {
    ticket(key: key, epoch: holding.epoch(for: type(of: change).lane == .stop ? [] : change.target.scopes))
  }

  private func ticket(key: String, epoch: Int?) -> Ticket {
    Ticket(token: OperationKeys.token(run: id, key: key), epoch: epoch, journal: journal, age: holding.age)
  }

  private func carryOut<Change: Operation>(_ change: Change, _ intent: OperationIntent)
    async throws(CallFailure) -> EncodedOutcome<Change.Outcome>
  {
    let key = intent.key
    var world = world.with(ticket(for: change, key: key))
    // Sent before, by this process or an earlier one, and its end is unknown.
    var isInDoubt = keys.isOpen(key)
    switch replay.operations[key] {
    case .done(let text)?:
      return EncodedOutcome(outcome: try coding.decode(Change.Outcome.self, from: text), text: text)
    case .failed(let failure)?: throw failure
    case .happened?: return try await adopt(change, key: key, in: world)
    case .open?:
      keys.opened(key)
      isInDoubt = true
    case .notDone?, nil: break
    }
    // What may be repeated under its ticket attaches to the first by itself, so this process need not ask first.
    if isInDoubt, replay.operations[key] == .open || !Change.isRepeatable {
      switch try await lookUp(change, key: key, in: world) {
      case .done(let ended): return ended
      case .notDone: isInDoubt = false
      // A failure was thrown.
      case .failed, .unknown: break
      }
    }
    do throws(CallFailure) {
      if let stop, !isInDoubt, Change.lane != .stop { throw stop }
      if !isInDoubt, Change.lane != .stop, let objection = await world.rules?.objections(to: change).first {
        throw objection
      }
      let epoch = try await hold(change)
      world = world.with(ticket(key: key, epoch: epoch))
      if !keys.isOpen(key) {
        var intent = intent
        intent.epoch = epoch
        try await record.intend(intent)
        keys.opened(key)
      }
      hasSent = true
    } catch {
      // Nothing was sent or recorded, so whoever tries again asks for the same operation.
      keys.takeBack(key)
      throw error
    }
    do throws(CallFailure) {
      return try await settle(change, key: key, try await change.perform(in: world), isAdopted: false)
    } catch {
      // A record that failed is no outcome of the operation: it stays open and is looked up on resume.
      if error.failureClass == .journal { throw error.unrecorded }
      // An older epoch, a call that was given up before it was sent, and a fault of this machine say that this attempt did
      // nothing.
      if !isInDoubt, error.mark == .lockLost || error.failureClass == .cancelled || error.isLocal {
        try await record.settle(key, .notDone)
        keys.ended(key, isKnown: true)
        throw error
      }
      // Refused by an older epoch of ours, the first attempt is still to be looked up.
      if error.isOfJournal { throw error }
      let error = isInDoubt ? inDoubt(change, error) : error
      try await record.settle(key, error.leavesUnknown ? .unknown(error) : .failed(error))
      throw error
    }
  }
}

extension Operation {
  /// Whether something undoes it, or nothing is left to undo.
  func isReversible(_ outcome: Outcome) -> Bool {
    !inverses(of: outcome).isEmpty || leftAsFound(by: outcome)
  }
}
