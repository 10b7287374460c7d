import PrimitiveKit
import Site

extension Fleet {
  /// The door that changes go through.
  var admission: Admission { Admission(runs: runs, world: world, dialogue: dialogue, options: options) }

  /// Lets a changing primitive work in the run it belongs to.
  ///
  /// More hosts than the site lets pass are asked about first; `stillHolds` looks again once the lock is there. Throws what
  /// the admission, `stillHolds` and `body` throw.
  func inRun<Answer: Sendable>(
    of name: String,
    _ arguments: [String: Value],
    hosts: [Host],
    effects: Set<Effect> = [.changes],
    dry: Bool,
    stillHolds: @escaping @Sendable () async throws(CallFailure) -> Void = {},
    _ body: (Run) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    var request = RunRequest(
      name: name,
      arguments: .table(arguments),
      scopes: scopes(for: hosts),
      hosts: hosts.map(\.name)
    )
    request.effects = effects
    let names = NameSet(names: request.hosts)
    let isAsked = names.count > site?.fleet.confirm.hosts ?? 1
    let confirmation = isAsked ? Confirmation("\(name) changes \(names.folded). Proceed?", hosts: names.count) : nil
    var change = PlannedChange(request, confirmation)
    change.stillHolds = stillHolds
    return try await admission.run(change, dry: dry, body)
  }
}
