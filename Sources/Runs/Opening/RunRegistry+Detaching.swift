import Journal
package import PrimitiveKit

extension RunRegistry {
  /// The failure of a run that was interrupted while something still runs without us; others as they are.
  package func detaching(_ failure: CallFailure, of run: Run) async -> CallFailure {
    guard failure.isStop else { return failure }
    let open = ((try? await journal.operations(of: run.id)) ?? []).filter { [.open, .unknown].contains($0.state) }
    guard !open.isEmpty else { return failure }
    let hosts = open.map(\.target).folded
    return CallFailure(
      .cancelled,
      .detached,
      code: "run.detached",
      message: "run \(run.id) was detached; commands already sent to \(hosts) keep running",
      hint: "resume(\"\(run.id)\") checks their outcome and continues; rollback(\"\(run.id)\") undoes the run",
      ending: .interrupted
    )
  }

  /// Closes a single call that failed; answers what to throw: of one that was stopped, how to continue it.
  package func closeCall(_ run: Run, lock: RunHold, _ failure: CallFailure) async -> (CallFailure, ExitCode) {
    let told = await detaching(failure, of: run)
    let end = await end(run, lock: lock, failure)
    let said = Task.isCancelled && end.state == .interrupted ? CallFailure.interrupted(run.id) : told
    return (said.ending(end.code), end.code)
  }
}
