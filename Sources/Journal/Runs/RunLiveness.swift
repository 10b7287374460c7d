import PrimitiveKit

/// Tells live runs from runs whose process died.
struct RunLiveness {
  private let liveClaims: Set<String>
  private let identity: ProcessIdentity
  /// What runs ask and nobody has answered, by run: the oldest.
  private let open: [String: String]

  /// Reads which leases are live.
  init(_ session: any DatabaseSession, seenFrom identity: ProcessIdentity) async throws(CallFailure) {
    self.identity = identity
    let rows = try await session.query(
      "SELECT DISTINCT claim FROM leases WHERE sticky = 1 OR expires_at > $1",
      [.int(try await session.now())]
    )
    liveClaims = Set(rows.compactMap { $0.first?.text })
    let asked = try await session.query(
      """
      SELECT run, words FROM questions WHERE answer IS NULL AND run IN (SELECT id FROM runs WHERE state = 'running')
      ORDER BY begun
      """,
      []
    )
    var open: [String: String] = [:]
    for row in asked {
      guard let run = row[0].text, open[run] == nil else { continue }
      open[run] = row[1].text ?? ""
    }
    self.open = open
  }

  /// Whether somebody works on the run: its process is not known to be gone, and its lease, if it has one, is live.
  func isLive(_ run: RunHeader) -> Bool {
    guard run.state == .running, run.identity.isRunning(seenFrom: identity) != false else { return false }
    return run.claim.map(liveClaims.contains) ?? true
  }

  /// The run, as interrupted where its row says running and nobody works on it, and as waiting where it asks a question.
  func judge(_ run: RunHeader) -> RunHeader {
    guard run.state == .running else { return run }
    var run = run
    if isLive(run) {
      guard let question = open[run.id] else { return run }
      run.state = .waiting
      run.stateReason = "waiting for an answer: \(question)"
      return run
    }
    run.state = .interrupted
    run.stateReason =
      run.identity.isRunning(seenFrom: identity) == false ? "its process is gone" : "its lease has expired"
    return run
  }
}
