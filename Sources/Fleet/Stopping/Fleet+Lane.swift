import PrimitiveKit
import Site

extension Fleet {
  /// Lets a call of the stop lane work in a run that needs nothing: no lock, no approval, no journal.
  ///
  /// What it does is recorded beside the work. In a runbook it belongs to the runbook's run. Throws what `body` throws.
  func inStopLane<Answer: Sendable>(
    of name: String,
    _ arguments: [String: Value],
    hosts: [Host],
    dry: Bool,
    _ body: (Run) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    if let run = admission.ongoing(dry: dry) { return try await body(run) }
    if isDry(dry) { return try await body(Run(id: admission.newID(), world: world.dry)) }
    return try await outsideRuns(of: name, arguments, hosts: hosts, body)
  }

  /// The same where there is a run that cannot write down or begin anything any more: it does not hold up a stop.
  func outsideRuns<Answer: Sendable>(
    of name: String,
    _ arguments: [String: Value],
    hosts: [Host],
    _ body: (Run) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    var request = RunRequest(name: name, arguments: .table(arguments), scopes: [], hosts: hosts.map(\.name))
    request.lane = .stop
    let id = admission.newID()
    let entry = await stops.begin(request, id: id)
    let run = Run(id: id, world: world, record: entry.record, coding: entry.coding)
    let noted = NotedExit()
    var context = CallContext.current
    context.run = nil
    context.noted = noted
    let result = await CallContext.$current.withValue(context) {
      await CallFailure.result { () async throws(CallFailure) in try await body(run) }
    }
    var failure: CallFailure?
    if case .failure(let error) = result { failure = error }
    let note = failure.map { ExitNote(ExitCode(failure: $0)) } ?? noted.sum
    let changes = await run.operations.count(where: \.isChange)
    for line in await entry.end(failure, note, changes: changes) { dialogue.say(line) }
    return try result.get()
  }
}
