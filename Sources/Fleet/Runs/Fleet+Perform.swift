import HostScript
import PrimitiveKit

extension Fleet {
  /// Performs a change that the host script does, and puts our script there first when it is not.
  ///
  /// What an earlier process of the run began needs no script any more: its record or the host itself says what became
  /// of it. Throws what the change throws.
  func perform<Change: Operation>(
    _ change: Change,
    with runtime: Runtime,
    on host: HostAddress,
    in run: Run
  ) async throws(CallFailure) -> Change.Outcome? {
    let operation = try run.encoded(change)
    if !(await run.knows(operation)) { try await install(runtime, on: host, in: run) }
    return try await run.perform(operation)
  }

  /// Puts the host script of a runtime on a host when it is not there; nothing is done to bots.
  ///
  /// `changed` is told the digest of another text that lay under our script's name.
  func install(
    _ runtime: Runtime,
    on host: HostAddress,
    in run: Run,
    changed: (String) -> Void = { _ in }
  ) async throws(CallFailure) {
    let install = InstallHostScript(host: host, runtime: runtime)
    // A dry run asks the real host, which does not get what an earlier step would put there.
    if run.world.mode == .dry, try await run.hasPredicted(install) { return }
    let operation = try run.encoded(install)
    let wasBegun = await run.knows(operation)
    let installed = try await install.installedDigest(in: run.world)
    if installed == runtime.script.sha256 {
      // What an earlier process sent has an end now, and nobody else will write it down.
      if wasBegun { _ = try await run.perform(operation) }
      return
    }
    if let installed { changed(installed) }
    _ = try await run.perform(operation)
    // The first may only have been remembered, and the file be gone since.
    guard wasBegun, try await !install.isInstalled(in: run.world) else { return }
    _ = try await run.perform(operation)
  }
}

extension Fleet {
  /// The outcome of a change that somebody gave up while it was at work; nil where that stays unknown.
  ///
  /// It goes on there without us, and whoever stopped waiting still wants to hear what he stopped. Another Ctrl-C ends the
  /// look. Nothing is sent again.
  func foundAfter<Change: Operation>(_ failure: CallFailure, _ change: Change, in run: Run) async -> Change.Outcome? {
    guard failure.leavesUnknown, failure.isGivenUp, let operation = try? run.encoded(change) else { return nil }
    let clock = world.clock
    // A task of its own is not cancelled with the caller's.
    let look = Task {
      await withTaskGroup(of: Change.Outcome?.self) { group in
        group.addTask { await run.findOut(operation) }
        group.addTask {
          try? await clock.sleep(for: Fleet.lastLook)
          return nil
        }
        let first = await group.next()
        group.cancelAll()
        return first.flatMap(\.self)
      }
    }
    let listening = interruptions.listen { count in
      if count > 1 { look.cancel() }
    }
    let outcome = await look.value
    withExtendedLifetime(listening) {}
    return outcome
  }

  /// The longest wait for what somebody gave up.
  private static var lastLook: Duration { .seconds(20) }
}

extension Run {
  /// Tells failures that stop everything from those of one host: the journal, the lock, and a run that was stopped.
  func mustEnd(with failure: CallFailure) -> Bool { failure.isOfJournal || failure == stopped }
}
