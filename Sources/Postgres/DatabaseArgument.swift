import Journal

/// An argument of a statement as libpq sends it: as text, with the type the server shall read it as.
struct DatabaseArgument {
  let text: String?
  /// An OID of `pg_type`; 0 lets the server find out.
  let type: UInt32

  init(_ value: DatabaseValue) {
    switch value {
    case .null:
      text = nil
      type = 0
    case .int(let int):
      text = String(int)
      type = ColumnType.bigint
    case .text(let value):
      text = value
      type = ColumnType.text
    }
  }
}

/// OIDs of `pg_type.dat`, which never change.
enum ColumnType {
  static let bigint: UInt32 = 20
  static let text: UInt32 = 25
  static let bool: UInt32 = 16
  /// int8, int2, int4, oid, and numeric, which is what sums of bigint are.
  static let numbers: Set<UInt32> = [20, 21, 23, 26, 1700]
}
