import PrimitiveKit
import Synchronization

/// The order of the columns of records, from the record types that the catalog declares.
final class RecordLayout: Sendable {
  private let infos: [PrimitiveInfo]
  /// The field names of each declared record type, in printing order; nil until a record is printed.
  private let known = Mutex<[[String]]?>(nil)

  init(_ infos: [PrimitiveInfo]) { self.infos = infos }

  private var declared: [[String]] {
    known.withLock { known in
      if let known { return known }
      var seen: Set<[String]> = []
      let orders = infos.flatMap { RecordLayout.orders(of: $0.returns.fields) }.filter { seen.insert($0).inserted }
      known = orders
      return orders
    }
  }

  /// The field names of a record, and of the records in it.
  private static func orders(of fields: [FieldInfo]) -> [[String]] {
    guard !fields.isEmpty else { return [] }
    return [fields.map(\.name)] + fields.flatMap { orders(of: $0.fields ?? []) }
  }

  /// Every key of the records: first those of the record type that fits best, in its order, then the rest by name.
  func columns(of rows: [[String: Value]]) -> [String] {
    let keys = rows.reduce(into: Set<String>()) { $0.formUnion($1.keys) }
    var best: (matched: Int, missing: Int, fields: [String]) = (0, 0, [])
    for fields in declared {
      let matched = fields.filter(keys.contains).count
      let missing = fields.count - matched
      if (matched, -missing) > (best.matched, -best.missing) { best = (matched, missing, fields) }
    }
    return best.fields.filter(keys.contains) + keys.subtracting(best.fields).sorted()
  }
}
