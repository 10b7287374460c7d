import Foundations
package import PrimitiveKit

extension Journal {
  /// Keeps an approval.
  package func add(_ approval: ApprovalRow) async throws(CallFailure) {
    try await change { (change) throws(CallFailure) in
      try await change.query(
        """
        INSERT INTO approvals(\(ApprovalRow.columns))
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """,
        approval.row
      )
      try await change.audit(
        "approval.add",
        run: nil,
        [
          "approval": .string(approval.id), "plan": .string(approval.planHash),
          "hosts_sha256": .string(approval.hostsHash),
          "name": .string(approval.name), "requester": .string(approval.requester),
          "approver": .string(approval.approver), "reason": .string(approval.reason),
          "signature_sha256": .string(SHA256(hashing: approval.signature.utf8).hex),
          "document_sha256": .string(SHA256(hashing: approval.document.utf8).hex),
          "max_uses": .int(Int64(approval.maxUses)), "created_at": .int(approval.createdAt),
          "expires_at": .int(approval.expiresAt),
        ]
      )
    }
  }

  /// The approvals of a plan, the newest first, also those that are used up or expired.
  package func approvals(planHash: String) async throws(CallFailure) -> [ApprovalRow] {
    try await look { (session) throws(CallFailure) in
      let rows = try await session.query(
        "SELECT \(ApprovalRow.columns) FROM approvals WHERE plan_hash = $1 ORDER BY created_at DESC, id",
        [.text(planHash)]
      )
      var found: [ApprovalRow] = []
      for row in rows { found.append(try ApprovalRow(row)) }
      return found
    }
  }

  /// Uses an approval once for a run; of several that ask at once, no more succeed than it has uses.
  ///
  /// Throws `approval.missing`, `approval.expired`, `approval.used_up` and `journal.*`.
  package func use(approval id: String, run: String) async throws(CallFailure) {
    try await change { (change) throws(CallFailure) in
      let rows = try await change.query(
        """
        UPDATE approvals SET uses = uses + 1 WHERE id = $1 AND uses < max_uses AND expires_at > $2
        RETURNING \(ApprovalRow.columns)
        """,
        [.text(id), .int(change.at)]
      )
      guard let row = rows.first else { throw try await Journal.refusal(ofApproval: id, change) }
      let approval = try ApprovalRow(row)
      try await change.audit(
        "approval.use",
        run: run,
        [
          "approval": .string(id), "plan": .string(approval.planHash), "approver": .string(approval.approver),
          "uses": .int(Int64(approval.uses)), "max_uses": .int(Int64(approval.maxUses)),
        ]
      )
    }
  }

  private static func refusal(ofApproval id: String, _ change: JournalChange) async throws(CallFailure) -> CallFailure {
    let rows = try await change.query("SELECT \(ApprovalRow.columns) FROM approvals WHERE id = $1", [.text(id)])
    guard let row = rows.first else {
      return CallFailure(.refused, code: "approval.missing", message: "no approval '\(id)'")
    }
    let approval = try ApprovalRow(row)
    if approval.expiresAt <= change.at {
      return CallFailure(
        .refused,
        code: "approval.expired",
        message: "the approval of \(approval.approver) has expired",
        hint: "ask for a new one"
      )
    }
    // The audit knows which runs they were, until it is pruned.
    let uses = try await change.query("SELECT run, body FROM audit WHERE event = 'approval.use' ORDER BY seq", [])
    let runs = uses.filter { $0.last?.text?.contains("\"\(id)\"") == true }.compactMap(\.first?.text)
    return CallFailure(
      .refused,
      code: "approval.used_up",
      message:
        "the approval of \(approval.approver) was for \(approval.maxUses) run\(approval.maxUses == 1 ? "" : "s") and is used up"
        + (runs.isEmpty ? "" : ", by \(runs.joined(separator: ", "))"),
      hint: "ask for a new one"
    )
  }
}

extension ApprovalRow {
  fileprivate static let columns = """
    id, plan_hash, hosts_hash, name, requester, approver, reason, document, signature, max_uses, uses, created_at, \
    expires_at
    """

  fileprivate var row: [DatabaseValue] {
    [
      .text(id), .text(planHash), .text(hostsHash), .text(name), .text(requester), .text(approver), .text(reason),
      .text(document), .text(signature), .int(Int64(maxUses)), .int(Int64(uses)), .int(createdAt), .int(expiresAt),
    ]
  }

  fileprivate init(_ row: [DatabaseValue]) throws(CallFailure) {
    var reader = RowReader(row, of: "approvals")
    self.init(
      id: try reader.text(),
      planHash: try reader.text(),
      hostsHash: try reader.text(),
      name: try reader.text(),
      requester: try reader.text(),
      approver: try reader.text(),
      reason: try reader.text(),
      document: try reader.text(),
      signature: try reader.text(),
      maxUses: Int(try reader.int()),
      uses: Int(try reader.int()),
      createdAt: try reader.int(),
      expiresAt: try reader.int()
    )
  }
}
