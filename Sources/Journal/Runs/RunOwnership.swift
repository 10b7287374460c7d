import PrimitiveKit

/// Keeps a process that was stopped for long from writing into a run that another one has taken over since.
struct RunOwnership {
  let change: JournalChange
  let identity: ProcessIdentity

  /// Throws `run.not_found`, and `run.taken` while another live process works on the run.
  func require(_ id: String) async throws(CallFailure) {
    let rows = try await change.query("SELECT \(RunHeader.columns) FROM runs WHERE id = $1", [.text(id)])
    guard let row = rows.first else { throw Journal.notFound(id) }
    let run = try RunHeader(row)
    let other = run.identity
    if run.state != .running || isSame(other) { return }
    guard try await RunLiveness(change.session, seenFrom: identity).isLive(run) else { return }
    throw RunOwnership.taken(id, by: other)
  }

  /// The failure of a process that writes into a run which another has taken up since.
  static func taken(_ id: String, by other: ProcessIdentity) -> CallFailure {
    CallFailure(
      .refused,
      code: "run.taken",
      message: "run \(id) is continued by \(other.operatorName) on \(other.host), process \(other.pid)",
      hint: "this process must leave it alone; run(\"\(id)\") shows how it goes on"
    )
  }

  private func isSame(_ other: ProcessIdentity) -> Bool {
    other.host == identity.host && other.boot == identity.boot && other.pid == identity.pid
      && other.startTicks == identity.startTicks
  }
}
