import PrimitiveKit
import Site

extension Fleet {
  /// Lets a changing primitive work in the run it belongs to.
  ///
  /// In a runbook that is the runbook's run, else a run of its own, which takes the locks of `hosts` and is written down.
  /// A dry call is never written down: in a dry runbook it adds to its plan, in a live one it has a run of its own.
  /// More than one host is asked about first. Throws `plan.declined`, `prompt.not_interactive`, `approval.*`,
  /// `lock.refused`, `journal.*` and what `body` throws.
  func inRun<Answer: Sendable>(
    of name: String,
    _ arguments: [String: Value],
    hosts: [Host],
    effects: Set<Effect> = [.changes],
    dry: Bool,
    _ body: (Run) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    if let run = ongoingRun(dry: dry) { return try await body(run) }
    if isDry(dry) { return try await body(newRun(dry: true)) }
    var request = RunRequest(
      name: name,
      arguments: .table(arguments),
      scopes: scopes(for: hosts),
      hosts: hosts.map(\.name)
    )
    request.effects = effects
    if runs.wantsPlan(of: request) {
      request.operations = try await planned { (run) throws(CallFailure) in _ = try await body(run) }
    }
    try await confirm(name, on: hosts)
    return try await runs.withRun(request, world: world, body)
  }

  /// The operations that `body` would do, without a word.
  func planned(_ body: (Run) async throws(CallFailure) -> Void) async throws(CallFailure) -> [OperationRecord] {
    let run = newRun(dry: true)
    var context = CallContext.current
    context.isQuiet = true
    context.isConfirmed = true
    try await context.whileCalling { () throws(CallFailure) in try await body(run) }
    return await run.operations
  }

  /// The run of the runbook that makes this call, where the call belongs to it; nil outside runbooks.
  ///
  /// A dry call in a live runbook is no part of its run.
  func ongoingRun(dry: Bool) -> Run? {
    guard let run = CallContext.current.run else { return nil }
    return run.world.mode == .dry || !isDry(dry) ? run : nil
  }

  /// A run that nobody writes down, in the live or the dry world.
  func newRun(dry: Bool) -> Run {
    Run(id: newRunID(), world: dry ? world.dry : world)
  }

  /// An id that no run has yet.
  func newRunID() -> String { RunID.make(seed: world.drawSeed(), now: world.now()) }
}
