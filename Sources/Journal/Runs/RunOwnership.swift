import PrimitiveKit

/// Keeps a process that was stopped for long from writing into a run that another one has taken over since.
struct RunOwnership {
  let change: JournalChange
  let identity: ProcessIdentity

  /// Throws `run.not_found`, and `run.taken` unless this process began the run or was the last to take it up.
  ///
  /// Whether the other one still lives, and whether the run has ended since, does not matter: its word is the newer one.
  func requireOwn(_ id: String) async throws(CallFailure) {
    let other = try await header(of: id).identity
    if !isSame(other) { throw RunOwnership.taken(id, by: other) }
  }

  /// Throws `run.not_found`, and `run.taken` while another live process works on the run.
  func requireFree(_ id: String) async throws(CallFailure) {
    let run = try await header(of: id)
    if run.state != .running || isSame(run.identity) { return }
    guard try await RunLiveness(change.session, seenFrom: identity).isLive(run) else { return }
    throw RunOwnership.taken(id, by: run.identity)
  }

  /// Throws `run.finished` for a run that was rolled back: a process that wakes up late has no say in it any more.
  func requireNotUndone(_ id: String) async throws(CallFailure) {
    let run = try await header(of: id)
    guard run.state == .rolledBack else { return }
    throw CallFailure(
      .refused,
      code: "run.finished",
      message: "run \(id) has been \(run.stateReason ?? "rolled back") in the meantime",
      hint: "run(\"\(id)\") shows its outcome"
    )
  }

  private func header(of id: String) async throws(CallFailure) -> RunHeader {
    let rows = try await change.query("SELECT \(RunHeader.columns) FROM runs WHERE id = $1", [.text(id)])
    guard let row = rows.first else { throw Journal.notFound(id) }
    return try RunHeader(row)
  }

  /// The failure of a process that writes into a run which another has taken up since.
  static func taken(_ id: String, by other: ProcessIdentity) -> CallFailure {
    CallFailure(
      .refused,
      code: "run.taken",
      message: "run \(id) is being continued by \(other.operatorName) on \(other.host), process \(other.pid)",
      hint: "leave it to that process; run(\"\(id)\") shows its progress"
    )
  }

  private func isSame(_ other: ProcessIdentity) -> Bool {
    other.host == identity.host && other.boot == identity.boot && other.pid == identity.pid
      && other.startTicks == identity.startTicks
  }
}
