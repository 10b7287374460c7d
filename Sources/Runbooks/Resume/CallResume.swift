import Journal
import PrimitiveKit
import Runs

/// Continues single calls, for example a `fleet.deploy` typed at the prompt.
struct CallResume: Sendable {
  let runs: RunSetting
  let scopes: RunbookScopes
  /// Calls a primitive by name.
  let call: @Sendable (_ name: String, _ arguments: Value) async throws(CallFailure) -> Value

  func resume(_ header: RunHeader, _ registry: RunRegistry) async throws(CallFailure) -> RunbookResult {
    let scopes = self.scopes.scopes(hosts: header.hosts, naming: try await registry.targets(of: header))
    let (run, lock) = try await registry.locking(
      scopes,
      run: header.id,
      name: header.name,
      hosts: self.scopes.hosts(in: scopes)
    ) { lock throws(CallFailure) in
      (try await registry.take(header.id, lock: lock, world: runs.world), lock)
    }
    runs.dialogue.say("resuming \(header.id): \(header.name)")
    var context = CallContext(name: "the resumed call")
    context.run = run
    context.runID = header.id
    let noted = NotedExit()
    context.noted = noted
    // Without a record of it, what was confirmed is unknown.
    context.isConfirmed = await run.isContinued
    let given = context
    let call = call
    let result = await CallContext.$current.withValue(given) {
      await CallFailure.result { () async throws(CallFailure) in
        try await call(header.name, header.arguments)
      }
    }
    switch result {
    case .success(let value):
      let code = await registry.close(run, lock: lock, nil, noted: noted.sum)
      // Worse than what the call itself knows of: an outcome is unknown.
      if code != noted.worst { runs.dialogue.note(ExitNote(code), of: header.id) }
      return RunbookResult(run: header.id, plan: nil, value: value, exitCode: code)
    case .failure(let failure):
      let (told, code) = await registry.closeCall(run, lock: lock, failure)
      runs.dialogue.note(ExitNote(code, why: told.message), of: header.id)
      throw told
    }
  }
}
