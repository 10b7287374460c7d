import PrimitiveKit

/// What the audit keeps of locks.
enum LockEvent {
  /// With what it took over, and how many scopes have an epoch from then on.
  case granted(Lease, [Lease], known: Int64)
  /// A grant that lowered epochs far ahead of `clock`, from one that was wrong; milliseconds since 1970.
  case reset(Lease, known: Int64, clock: Int64)
  case refused(LockRequest, [LockConflict])
  case expired(Lease, String)
  case released(Lease)
  case broken(Lease, reason: String, spokeTo: String)

  /// The name of the record.
  var name: String {
    switch self {
    case .granted(let lease, _, _): lease.isSticky ? "lock.take" : "lock.grant"
    case .reset: "lock.reset_epoch"
    case .refused: "lock.refuse"
    case .expired: "lock.expire"
    case .released: "lock.release"
    case .broken: "lock.break"
    }
  }

  /// The run it belongs to, if any.
  var run: String? {
    switch self {
    case .granted(let lease, _, _), .reset(let lease, _, _), .expired(let lease, _), .released(let lease),
      .broken(let lease, _, _):
      lease.run
    case .refused(let request, _): request.run
    }
  }

  var body: Value {
    switch self {
    case .granted(let lease, let takenOver, let known):
      fields(of: lease, given(lease, known).merging(["taken_over": .array(takenOver.map { fields(of: $0) })]) { $1 })
    case .reset(let lease, let known, let clock):
      fields(of: lease, given(lease, known).merging(["clock": .int(Int(clock))]) { $1 })
    case .refused(let request, let conflicts):
      .table([
        "claim": .string(request.claim), "scopes": scopes(request.scopes), "reason": .string(request.reason),
        "holders": .array(conflicts.map { fields(of: $0.lease) }),
      ])
    case .expired(let lease, let why): fields(of: lease, ["why": .string(why)])
    case .released(let lease): fields(of: lease)
    case .broken(let lease, let reason, let spokeTo):
      fields(of: lease, ["why": .string(reason), "spoke_to": .string(spokeTo)])
    }
  }

  /// What the audit needs to tell whether rows are what was given.
  private func given(_ lease: Lease, _ known: Int64) -> [String: Value] {
    let above = lease.scopes.filter { !$0.isOwn }
    let holder: String? = try? OperationCoding().encode(lease.holder)
    return [
      "above": .array(above.map { .string("\($0)") }), "known": .int(Int(known)),
      "holder_sha256": .string(SHA256(hashing: (holder ?? "").utf8).hex),
    ]
  }

  private func fields(of lease: Lease, _ more: [String: Value] = [:]) -> Value {
    let fields: [String: Value] = [
      "claim": .string(lease.claim), "epoch": .int(lease.epoch), "scopes": scopes(lease.scopes.filter(\.isOwn)),
      "holder": .string(lease.holder.name), "reason": .string(lease.reason), "sticky": .bool(lease.isSticky),
      "run": lease.run.map(Value.string) ?? .null,
    ]
    return .table(fields.merging(more) { $1 })
  }

  private func scopes(_ scopes: [LockScope]) -> Value {
    .array(scopes.map { .string($0.mode == .exclusive ? "\($0)" : "\($0) (\($0.mode.rawValue))") })
  }
}

extension LockScope {
  /// Whether a lock on it is on itself, not only on something below.
  var isOwn: Bool { mode == .exclusive || mode == .shared }
}
