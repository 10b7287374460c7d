import PrimitiveKit

extension RunHeader {
  /// The columns that `init(_:)` takes, behind `begun`.
  static let columns = """
    id, name, kind, runbook_name, runbook_version, runbook_sha256, runbook_path, arguments, hosts, plan_hash, parent, \
    state, state_reason, epoch, claim, operator_name, login, host, boot, pid, start_ticks, tty, opsh_version, \
    opsh_digest, started_at, updated_at, ended_at, exit_code
    """

  /// The values of `columns`; throws `journal.coding`.
  func row() throws(CallFailure) -> [DatabaseValue] {
    [
      .text(id), .text(name), .text(kind.rawValue), .optional(runbook?.name), .optional(runbook?.version),
      .optional(runbook?.sha256), .optional(runbook?.path), .text(try OperationCoding().encode(arguments)),
      .text(hosts.joined(separator: "\n")), .optional(planHash), .optional(parent), .text(state.rawValue),
      .optional(stateReason), .optional(epoch), .optional(claim),
    ] + identity.row + [.int(startedAt), .int(updatedAt), .optional(endedAt), .optional(exitCode)]
  }

  /// Reads a row of `columns`; throws `journal.corrupt` and `journal.coding`.
  init(_ row: [DatabaseValue]) throws(CallFailure) {
    var reader = RowReader(row, of: "runs")
    let id = try reader.text()
    let name = try reader.text()
    let kind = try reader.word(RunKind.self)
    let runbook = (reader.optionalText(), reader.optionalText(), reader.optionalText(), reader.optionalText())
    let arguments = try reader.text()
    let hosts = try reader.text().split(separator: "\n").map(String.init)
    let planHash = reader.optionalText()
    let parent = reader.optionalText()
    let state = try reader.word(RunState.self)
    let stateReason = reader.optionalText()
    let epoch = reader.optionalInt().map { Int($0) }
    let claim = reader.optionalText()
    self.init(
      id: id,
      name: name,
      kind: kind,
      identity: try ProcessIdentity(&reader),
      runbook: runbook.0.map { name in
        RunbookReference(name: name, version: runbook.1 ?? "", sha256: runbook.2 ?? "", path: runbook.3 ?? "")
      },
      // Most calls have none, and reading JSON is what takes longest here.
      arguments: arguments == "{}" ? .table([:]) : try OperationCoding().decode(Value.self, from: arguments),
      hosts: hosts,
      planHash: planHash,
      parent: parent,
      state: state,
      stateReason: stateReason,
      epoch: epoch,
      claim: claim,
      startedAt: try reader.int(),
      updatedAt: try reader.int(),
      endedAt: reader.optionalInt(),
      exitCode: reader.optionalInt().map { Int($0) }
    )
  }
}

extension ProcessIdentity {
  /// The values of the columns of a run that tell its process.
  var row: [DatabaseValue] {
    [
      .text(operatorName), .text(user), .text(host), .text(boot), .int(Int64(pid)), .int(startTicks), .text(tty),
      .text(opshVersion), .text(opshDigest),
    ]
  }

  /// Reads what `row` wrote; throws `journal.corrupt`.
  init(_ reader: inout RowReader) throws(CallFailure) {
    self.init(
      operatorName: try reader.text(),
      user: try reader.text(),
      host: try reader.text(),
      boot: try reader.text(),
      pid: Int(try reader.int()),
      startTicks: try reader.int(),
      tty: try reader.text(),
      opshVersion: try reader.text(),
      opshDigest: try reader.text()
    )
  }
}
