import PrimitiveKit

/// One row of `leases`.
struct LeaseRow {
  let scope: LockScope
  let claim: String
  private let holder: LockHolder
  private let run: String?
  private let reason: String
  private let isSticky: Bool
  private let epoch: Int
  private let acquiredAt: Int64
  private let expiresAt: Int64

  /// Reads the columns of `LeaseTable.columns`; what cannot be read blocks as much as it can.
  init(_ row: [DatabaseValue]) {
    func field(_ index: Int) -> DatabaseValue { index < row.count ? row[index] : .null }
    let mode = LockScope.Mode(rawValue: field(2).text ?? "") ?? .exclusive
    let path = field(0).text ?? "fleet"
    scope = LockScope(path, mode: mode) ?? LockScope(path: path.split(separator: "/").map(String.init), mode: mode)
    claim = field(1).text ?? ""
    let holder: LockHolder? = try? OperationCoding().decode(LockHolder.self, from: field(3).text ?? "")
    self.holder = holder ?? .unreadable
    run = field(4).text
    reason = field(5).text ?? ""
    isSticky = field(6).int != 0
    epoch = Int(field(7).int ?? 0)
    acquiredAt = field(8).int ?? 0
    expiresAt = field(9).int ?? .max
  }

  /// The lease of the rows of one claim; nil without rows.
  static func lease(_ rows: [LeaseRow]) -> Lease? {
    guard let first = rows.first else { return nil }
    return Lease(
      claim: first.claim,
      epoch: rows.map(\.epoch).max() ?? first.epoch,
      scopes: rows.map(\.scope).sorted { $0.path.lexicographicallyPrecedes($1.path) },
      holder: first.holder,
      run: first.run,
      reason: first.reason,
      isSticky: rows.contains(where: \.isSticky),
      acquiredAt: rows.map(\.acquiredAt).min() ?? first.acquiredAt,
      expiresAt: rows.map(\.expiresAt).max() ?? first.expiresAt
    )
  }
}
