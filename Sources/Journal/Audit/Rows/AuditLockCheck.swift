import PrimitiveKit

/// Compares leases and epochs with what audit records say of them.
///
/// An epoch goes out to hosts, and a wrong one poisons them; a lease keeps others out.
struct AuditLockCheck {
  let session: any DatabaseSession

  /// Throws `journal.*` for what cannot be read.
  func problems(_ recorded: RecordedLocks) async throws(CallFailure) -> [AuditProblem] {
    try await leases(recorded.leases) + epochs(recorded.epochs)
  }

  private func leases(_ recorded: [String: RecordedLease]) async throws(CallFailure) -> [AuditProblem] {
    var problems: [AuditProblem] = []
    var missing = recorded
    for lease in try await LeaseTable(session: session).all() {
      let name = "the lock \(lease.claim)"
      guard let granted = missing.removeValue(forKey: lease.claim) else {
        let message = "\(name) was added: no audit record mentions it"
        problems.append(AuditProblem(kind: .added, seq: 0, run: lease.run, message: message))
        continue
      }
      let names = granted.differences(from: lease)
      if names.isEmpty { continue }
      let message = "\(name) was edited: the audit records disagree on \(names.joined(separator: ", "))"
      problems.append(AuditProblem(kind: .edited, seq: granted.seq, run: lease.run, message: message))
    }
    for lease in missing.values.sorted(by: { $0.seq < $1.seq }) {
      let message = "the lock \(lease.claim) was removed: no audit record mentions its end"
      problems.append(AuditProblem(kind: .removed, seq: lease.seq, run: nil, message: message))
    }
    return problems
  }

  private func epochs(_ recorded: [String: EpochTable.Row]) async throws(CallFailure) -> [AuditProblem] {
    let found = try await EpochTable(session: session).all()
    var problems: [AuditProblem] = []
    for scope in Set(found.keys).union(recorded.keys).sorted() where found[scope] != recorded[scope] {
      let (row, given) = (found[scope], recorded[scope])
      let seq = max(given?.seq ?? 0, given?.belowSeq ?? 0)
      let kind: AuditProblem.Kind = row == nil ? .removed : given == nil ? .added : .edited
      let message =
        switch kind {
        case .removed: "the epoch of \(scope) was removed"
        case .added: "the epoch of \(scope) was added: no audit record gave it"
        default: "the epoch of \(scope) was edited: the audit records have another"
        }
      problems.append(AuditProblem(kind: kind, seq: seq, run: nil, message: message))
    }
    return problems
  }
}
