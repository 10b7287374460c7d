/// A change that is about to begin: what it is, what must be typed for it, and whether it still is what was shown.
package struct PlannedChange: Sendable {
  package var request: RunRequest
  /// What the site wants typed; nil where it is too small.
  ///
  /// What the operations put at stake goes before.
  package var confirmation: Confirmation?
  /// Told to machines once it is confirmed.
  package var announcement: SessionEvent?
  /// Whether the plan that was shown said already who holds what it needs.
  package var showsOutlook = false
  /// Looks again once the lock was taken, which may have taken minutes as an answer may; throws where it is another by then.
  package var stillHolds: @Sendable () async throws(CallFailure) -> Void = {}

  package init(_ request: RunRequest, _ confirmation: Confirmation? = nil) {
    self.request = request
    self.confirmation = confirmation
  }

  /// Whether what it does to hosts is all there is to it: then their number is what a person types.
  fileprivate var isPlainChangeOfHosts: Bool {
    !request.hosts.isEmpty && request.effects.isSubset(of: [.reads, .changes])
  }
}

/// The one door that a single change goes through: its plan, then the question, then the second operator, then its run.
///
/// Nothing else asks before a change; within a confirmed run nothing is asked again (DESIGN section 6).
package struct Admission: Sendable {
  package let runs: any RunOpener
  package let world: World
  package let dialogue: any Dialogue
  package let options: SessionOptions

  package init(runs: any RunOpener, world: World, dialogue: any Dialogue, options: SessionOptions) {
    self.runs = runs
    self.world = world
    self.dialogue = dialogue
    self.options = options
  }

  /// Lets `body` work in the run that a change belongs to: the runbook's, a dry one, or one of its own.
  ///
  /// A dry call is never recorded: in a dry runbook it adds to its plan, in a live one it has a run of its own, and
  /// says who holds what it needs. Throws `plan.declined`, `prompt.not_interactive`, `approval.*`, `lock.refused`,
  /// `journal.*` and what `body` throws.
  package func run<Answer: Sendable>(
    _ change: PlannedChange,
    dry: Bool,
    _ body: (Run) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    if let run = ongoing(dry: dry) { return try await body(run) }
    var change = change
    if isDry(dry) {
      let run = Run(id: change.request.id ?? newID(), world: world.dry)
      let answer = try await body(run)
      guard !change.showsOutlook else { return answer }
      change.request.operations = await run.operations
      for line in await runs.outlook(of: change.request).lines { dialogue.say(line) }
      return answer
    }
    if runs.wantsPlan(of: change.request) || !change.isPlainChangeOfHosts {
      change.request.operations = try await planned { (run) throws(CallFailure) in _ = try await body(run) }
    }
    let way = try await confirm(change)
    // Only once it is locked nobody else changes it. The plan of a confirmed runbook is looked at by whoever runs that.
    if way != .runbook { change.request.stillHolds = change.stillHolds }
    return try await runs.withRun(change.request, world: world, body)
  }

  /// Admits a change within an open run: a confirmed one is not asked about, and does nothing that its plan did not have.
  ///
  /// Throws `plan.*` for what the site refuses, and `approval.missing` for what its plan was not approved for.
  package func admit(_ change: PlannedChange, in run: Run) async throws(CallFailure) {
    guard CallContext.current.isConfirmed else {
      if run.world.mode == .live { _ = try await confirm(change) }
      return
    }
    // The plan of a runbook that is about to run: what is refused then is better refused now.
    guard run.world.mode == .live || !options.isDryRun else { return }
    if run.world.mode == .live { try await runs.admit(unseen(of: change.request)) }
    try change.confirmation?.permit(assumesYes: options.assumesYes)
    if run.world.mode == .live { announce(change, .runbook) }
  }

  /// Asks once for the exact answer; `--yes` stands in where the site allows it.
  ///
  /// Throws `plan.*` and `prompt.not_interactive`.
  package func confirm(_ change: PlannedChange) async throws(CallFailure) -> ConfirmedBy {
    guard let confirmation = wanted(for: change) else { return .unasked }
    return try await confirm(confirmation) { announce(change, $0) }
  }

  /// Asks for one answer; nothing within a confirmed run.
  package func confirm(
    _ confirmation: Confirmation,
    _ confirmed: (ConfirmedBy) -> Void = { _ in }
  ) async throws(CallFailure) -> ConfirmedBy {
    let assumesYes = confirmation.assumesYes || options.assumesYes
    if CallContext.current.isConfirmed { return .runbook }
    try confirmation.permit(assumesYes: assumesYes)
    if !assumesYes {
      guard dialogue.isInteractive else { throw confirmation.missing }
      try confirmation.check(try await dialogue.ask("\(confirmation.text): ") ?? "")
    }
    let way = assumesYes ? ConfirmedBy.yes : .typed
    confirmed(way)
    return way
  }

  /// The run of the runbook that makes this call, where the call belongs to it; nil outside runbooks.
  ///
  /// A dry call in a live runbook is no part of its run.
  package func ongoing(dry: Bool) -> Run? {
    guard let run = CallContext.current.run else { return nil }
    return run.world.mode == .dry || !isDry(dry) ? run : nil
  }

  /// Whether this call only predicts changes.
  package func isDry(_ asked: Bool) -> Bool { asked || options.isDryRun || CallContext.current.isDryRun }

  /// An id that no run has yet.
  package func newID() -> String { RunID.make(seed: world.drawSeed(), now: world.now()) }

  /// The operations that `body` would do, without a word.
  private func planned(_ body: (Run) async throws(CallFailure) -> Void) async throws(CallFailure) -> [OperationRecord] {
    let run = Run(id: newID(), world: world.dry)
    var context = CallContext.current
    context.isQuiet = true
    context.isConfirmed = true
    try await context.whileCalling { () throws(CallFailure) in try await body(run) }
    return await run.operations
  }

  /// What has to be typed: what operations put at stake, else what the site wants of so many hosts.
  private func wanted(for change: PlannedChange) -> Confirmation? {
    guard !CallContext.current.isConfirmed else { return nil }
    let operations = change.request.operations ?? []
    let stakes = operations.compactMap(\.stake)
    let isBeyond = operations.contains {
      $0.target.kind == .database || $0.effect == .trades || $0.effect == .administers
    }
    guard isBeyond || !stakes.isEmpty else { return change.confirmation }
    let words = operations.count == 1 ? operations[0].summary : operations.map(\.target).folded
    var confirmation = Confirmation("\(change.request.name): \(words). Proceed?", stakes: stakes)
    if let given = change.confirmation {
      (confirmation.assumesYes, confirmation.refusal) = (given.assumesYes, given.refusal)
      (confirmation.yesRefusal, confirmation.unattended) = (given.yesRefusal, given.unattended)
    }
    return confirmation
  }

  /// What a change does that the plan of its run was not admitted with.
  private func unseen(of request: RunRequest) -> RunRequest {
    var request = request
    request.effects = []
    request.scopes = []
    request.speeds.subtract(CallContext.current.admittedSpeeds ?? request.speeds)
    return request
  }

  private func announce(_ change: PlannedChange, _ way: ConfirmedBy) {
    guard var event = change.announcement else { return }
    event.fields["by"] = way.rawValue.value
    dialogue.event(event)
  }
}

extension Surroundings {
  /// The door that single changes go through.
  package var admission: Admission { Admission(runs: runs, world: world, dialogue: dialogue, options: options) }
}
