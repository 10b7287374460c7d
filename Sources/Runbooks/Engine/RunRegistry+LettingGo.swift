import Journal
import PrimitiveKit

extension RunRegistry {
  /// The failure of a run that was interrupted while something goes on without us; others as they are.
  func lettingGo(_ failure: CallFailure, of run: Run) async -> CallFailure {
    guard failure.isStop else { return failure }
    let open = ((try? await journal.operations(of: run.id)) ?? []).filter { [.open, .unknown].contains($0.state) }
    guard !open.isEmpty else { return failure }
    let hosts = open.map(\.target).folded
    return CallFailure(
      .cancelled,
      .detached,
      code: "run.detached",
      message: "run \(run.id) was let go of: what was sent to \(hosts) goes on there",
      hint: "resume(\"\(run.id)\") looks what became of it and goes on, rollback(\"\(run.id)\") undoes it",
      ending: .interrupted
    )
  }

  /// Closes a single call that failed; answers what to throw: of one that was stopped, how to go on with it.
  func closeCall(_ run: Run, lock: RunHold, _ failure: CallFailure) async -> (CallFailure, ExitCode) {
    let told = await lettingGo(failure, of: run)
    let end = await end(run, lock: lock, failure)
    let said = Task.isCancelled && end.state == .interrupted ? CallFailure.interrupted(run.id) : told
    return (said.ending(end.code), end.code)
  }
}
