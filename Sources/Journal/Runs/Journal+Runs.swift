import Foundations
package import PrimitiveKit

extension Journal {
  /// Writes a run down before anything of it begins, with what it begins with; the times of the header are set here.
  ///
  /// In a state other than `running` it has ended with that; one that waited for the approval of the same plan no longer
  /// does once a run carries that plan out. Throws `journal.*`, also for an id that exists.
  package func begin(_ run: RunHeader, with beginning: RunBeginning = RunBeginning()) async throws(CallFailure) {
    try await change { (change) throws(CallFailure) in
      var run = run
      run.startedAt = change.at
      run.updatedAt = change.at
      run.endedAt = run.state == .running ? nil : change.at
      try await change.begin(run)
      if let file = beginning.planFile {
        try await Journal.requireUnused(file, plan: run.planHash, change.session)
        try await change.keep("\"\(file)\"", of: Journal.planFileKey, run: run.id)
      }
      for (key, json) in beginning.kept.sorted(by: { $0.key < $1.key }) {
        try await change.keep(json, of: key, run: run.id)
      }
      if let asked = beginning.confirmation { try await change.keep(asked, run: run.id) }
      for step in beginning.steps { try await change.adopt(step, run: run.id) }
      if run.state == .running {
        try await change.endWaiting(for: run)
      } else {
        try await change.auditState(of: run.id, run.state, run.stateReason, run.exitCode)
      }
    }
  }

  /// Refuses a plan file that a run performed already, however far it came.
  ///
  /// Throws `plan.used_up`, which names the run, and `journal.*`.
  package func requireUnused(planFile id: String, plan hash: String) async throws(CallFailure) {
    try await look { (session) throws(CallFailure) in try await Journal.requireUnused(id, plan: hash, session) }
  }

  // A run that was cancelled before anything began has carried nothing out.
  private static func requireUnused(
    _ file: String,
    plan hash: String?,
    _ session: any DatabaseSession
  ) async throws(CallFailure) {
    let rows = try await session.query(
      """
      SELECT runs.id FROM runs JOIN reads ON reads.run = runs.id
      WHERE runs.plan_hash = $1 AND runs.state NOT IN ('cancelled', 'waiting') AND reads.key = $2 AND reads.content = $3
      ORDER BY runs.begun LIMIT 1
      """,
      [.optional(hash), .text(Journal.planFileKey), .text("\"\(file)\"")]
    )
    if let run = rows.first?.first?.text {
      throw usedUp(by: run, hint: "see its outcome with `run(\"\(run)\")`; make a new plan with --plan-out")
    }
    if let run = try await prunedRun(of: file, session) {
      throw usedUp(by: run, hint: "that run was pruned since; make a new plan with --plan-out")
    }
  }

  private static func usedUp(by run: String, hint: String) -> CallFailure {
    CallFailure(.refused, code: "plan.used_up", message: "this plan was already applied by run \(run)", hint: hint)
  }

  /// A run that used a plan file and is gone by now: the audit records of runs stay.
  private static func prunedRun(of file: String, _ session: any DatabaseSession) async throws(CallFailure) -> String? {
    let digest = SHA256(hashing: "\"\(file)\"".utf8).hex
    let kept = try await session.query(
      """
      SELECT run FROM audit WHERE event = 'read.keep' AND body LIKE $1
        AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.id = audit.run) ORDER BY seq
      """,
      [.text("%\"answer_sha256\":\"\(digest)\"%")]
    )
    for run in kept.compactMap({ $0.first?.text }) {
      let end = try await session.query(
        "SELECT body FROM audit WHERE run = $1 AND event = 'run.state' ORDER BY seq DESC LIMIT 1",
        [.text(run)]
      )
      if AuditFields(end.first?.first?.text ?? "{}").text("state") != RunState.cancelled.rawValue { return run }
    }
    return nil
  }

  private static let planFileKey = "plan file"

  /// Says where a run of this process stands; every state but `running` ends it until it is taken again.
  ///
  /// Throws `journal.*`, `run.not_found`, and `run.taken` when another process has taken it up.
  package func update(_ id: String, state: RunState, reason: String?, exitCode: Int?) async throws(CallFailure) {
    try await write(id, state, reason, exitCode, endedAt: "$6") { (change) throws(CallFailure) in
      try await change.ownership.requireOwn(id)
      try await change.ownership.requireNotUndone(id)
    }
  }

  /// Records the outcome of a run that no process works on: it was rolled back, or given up.
  ///
  /// One that had ended keeps the time of its end. Throws as `update` does.
  package func conclude(_ id: String, state: RunState, reason: String?, exitCode: Int?) async throws(CallFailure) {
    try await write(id, state, reason, exitCode, endedAt: "COALESCE(ended_at, $6)") { (change) throws(CallFailure) in
      try await change.ownership.requireFree(id)
    }
  }

  private func write(
    _ id: String,
    _ state: RunState,
    _ reason: String?,
    _ exitCode: Int?,
    endedAt: String,
    _ require: @Sendable (JournalChange) async throws(CallFailure) -> Void
  ) async throws(CallFailure) {
    let isLast = state != .running
    try await change(isLast: isLast) { (change) throws(CallFailure) in
      try await require(change)
      try await change.query(
        """
        UPDATE runs SET state = $2, state_reason = $3, exit_code = $4, updated_at = $5, ended_at = \(endedAt) WHERE id = $1
        """,
        [
          .text(id), .text(state.rawValue), .optional(reason), .optional(exitCode), .int(change.at),
          isLast ? .int(change.at) : .null,
        ]
      )
      try await change.auditState(of: id, state, reason, exitCode)
    }
  }

  /// Continues a run in this process under a new lease: it is running again, and this process is who does it.
  ///
  /// Throws `journal.*`, `run.not_found`, and `run.taken` while another live process works on it.
  package func take(_ id: String, epoch: Int?, claim: String?) async throws(CallFailure) {
    let identity = identity
    try await change { (change) throws(CallFailure) in
      // The record comes first: it puts those who want the run in one order, and the second sees what the first did.
      try await change.audit(
        "run.resume",
        run: id,
        ["epoch": .optional(epoch), "claim": .optional(claim), "opsh": identity.programText]
      )
      try await change.ownership.requireFree(id)
      let rows = try await change.query(
        """
        UPDATE runs SET state = 'running', state_reason = NULL, exit_code = NULL, ended_at = NULL, updated_at = $2,
          epoch = $3, claim = $4, operator_name = $5, login = $6, host = $7, boot = $8, pid = $9, start_ticks = $10,
          tty = $11, opsh_version = $12, opsh_digest = $13
        WHERE id = $1 RETURNING id
        """,
        [.text(id), .int(change.at), .optional(epoch), .optional(claim)] + identity.row
      )
      if rows.isEmpty { throw Journal.notFound(id) }
    }
  }

  /// Finds a run by its id, or by a beginning or an end of it that no other has.
  ///
  /// Throws `run.not_found` with the nearest ids, `run.ambiguous` and `journal.*`.
  package func run(_ id: String) async throws(CallFailure) -> RunHeader {
    try await look { (session) throws(CallFailure) in
      let select = "SELECT \(RunHeader.columns) FROM runs"
      let length = id.unicodeScalars.count
      var rows = try await session.query("\(select) WHERE id = $1", [.text(id)])
      if rows.isEmpty, length > 0 {
        rows = try await session.query(
          """
          \(select) WHERE substr(id, 1, \(length)) = $1 OR (length(id) >= \(length)
            AND substr(id, length(id) - \(length) + 1) = $1) ORDER BY begun DESC LIMIT 6
          """,
          [.text(id)]
        )
      }
      if rows.count > 1 {
        throw Journal.ambiguous(id, rows.prefix(5).compactMap { $0.first?.text }, isAll: rows.count < 6)
      }
      guard let row = rows.first else {
        let ids = try await session.query("SELECT id FROM runs ORDER BY begun DESC LIMIT 200", [])
        throw Journal.notFound(id, among: ids.compactMap { $0.first?.text })
      }
      return try await RunLiveness(session, seenFrom: identity).judge(try RunHeader(row))
    }
  }

  /// The id of the run that begins or ends like this and may still have something at work on hosts.
  ///
  /// A whole id is taken as it is. Throws `run.not_found`, `run.ambiguous`, both naming candidates, and `journal.*`.
  package func unfinishedRun(_ id: String) async throws(CallFailure) -> String {
    let open = try await runs(RunFilter(states: [.running, .interrupted, .detached, .unknown], limit: .max))
    if open.contains(where: { $0.id == id }) { return id }
    let found = open.map(\.id).filter { $0.hasPrefix(id) || $0.hasSuffix(id) }
    if found.count == 1 { return found[0] }
    if found.count > 1 { throw Journal.ambiguous(id, Array(found.prefix(5)), isAll: found.count < 6) }
    let finished = try await run(id)
    if finished.id == id { return id }
    throw CallFailure(
      .invalid,
      code: "run.not_found",
      message: "no unfinished run matches '\(id)'; run \(finished.id) has ended (\(finished.state.rawValue))",
      hint: "give its full id to end commands it left running"
    )
  }

  /// Lists runs, the newest first; one that runs by its row and whose lease or process is gone shows as interrupted.
  ///
  /// Throws `journal.*`.
  package func runs(_ filter: RunFilter = RunFilter()) async throws(CallFailure) -> [RunHeader] {
    try await look { (session) throws(CallFailure) in
      let condition = RunCondition(filter)
      let rows = try await session.query(
        "SELECT \(RunHeader.columns) FROM runs\(condition.text) ORDER BY begun DESC\(condition.limit)",
        condition.arguments
      )
      let liveness = try await RunLiveness(session, seenFrom: identity)
      var runs: [RunHeader] = []
      for row in rows {
        let run = liveness.judge(try RunHeader(row))
        // A run that only seems to be running belongs to the interrupted ones.
        if filter.states?.contains(run.state) ?? true { runs.append(run) }
        if runs.count == filter.limit { break }
      }
      return runs
    }
  }

  static func notFound(_ id: String, among ids: [String] = []) -> CallFailure {
    CallFailure(
      .invalid,
      code: "run.not_found",
      message: "no run '\(id)'",
      hint: NearestName.question(for: id, in: ids) ?? "see the list with runs()"
    )
  }

  private static func ambiguous(_ id: String, _ found: [String], isAll: Bool) -> CallFailure {
    CallFailure(
      .invalid,
      code: "run.ambiguous",
      message: "'\(id)' matches \(isAll ? "\(found.count)" : "more than \(found.count)") runs",
      hint: "\(found.joined(separator: ", "))\(isAll ? "" : ", …"): give more of the id"
    )
  }
}

extension JournalChange {
  /// Writes a run down with its first audit record, as `run` says it.
  func begin(_ run: RunHeader) async throws(CallFailure) {
    let begun = try await audit("run.begin", run: run.id, try run.auditFields())
    let values = try run.row()
    let places = (1...values.count + 1).map { "$\($0)" }.joined(separator: ", ")
    try await query("INSERT INTO runs(begun, \(RunHeader.columns)) VALUES (\(places))", [.int(begun)] + values)
  }

  /// Ends the wait of runs whose plan another one performs.
  fileprivate func endWaiting(for run: RunHeader) async throws(CallFailure) {
    guard let plan = run.planHash else { return }
    let rows = try await query(
      "SELECT id, exit_code FROM runs WHERE state = 'waiting' AND plan_hash = $1 AND name = $2 ORDER BY id",
      [.text(plan), .text(run.name)]
    )
    for row in rows {
      guard let id = row[0].text else { continue }
      let reason = "its plan was applied by run \(run.id)"
      try await query(
        "UPDATE runs SET state = 'cancelled', state_reason = $2, updated_at = $3 WHERE id = $1",
        [.text(id), .text(reason), .int(at)]
      )
      try await auditState(of: id, .cancelled, reason, row[1].int.map { Int($0) })
    }
  }

  func auditState(
    of id: String,
    _ state: RunState,
    _ reason: String?,
    _ exitCode: Int?
  ) async throws(CallFailure) {
    try await audit(
      "run.state",
      run: id,
      ["state": .string(state.rawValue), "reason": .optional(reason), "exit_code": .optional(exitCode)]
    )
  }
}

extension RunHeader {
  /// What the first audit record of a run says; throws `journal.coding`.
  fileprivate func auditFields() throws(CallFailure) -> [String: JSONText] {
    var fields: [String: JSONText] = [
      "name": .string(name), "kind": .string(kind.rawValue), "hosts": .list(hosts.map { .string($0) }),
      "arguments": .raw(try OperationCoding().encode(arguments)), "plan": .optional(planHash),
      "parent": .optional(parent), "epoch": .optional(epoch), "claim": .optional(claim), "opsh": identity.programText,
      "operator": .string(identity.operatorName),
    ]
    if let runbook { fields["runbook"] = .raw(try OperationCoding().encode(runbook)) }
    return fields
  }
}
