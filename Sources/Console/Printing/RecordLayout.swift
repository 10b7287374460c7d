import PrimitiveKit
import Synchronization

/// The order of the columns of records, from the record types that the catalog declares.
final class RecordLayout: Sendable {
  /// The columns of some records.
  struct Columns {
    let names: [String]
    /// Those that are points in time.
    let times: Set<String>
  }

  /// The fields of a declared record type, in printing order.
  private struct RecordType: Hashable {
    let names: [String]
    let times: Set<String>

    init(_ fields: [FieldInfo]) {
      names = fields.map(\.name)
      times = Set(fields.filter { $0.isTime == true }.map(\.name))
    }
  }

  private let infos: [PrimitiveInfo]
  /// Each declared record type; nil until a record is printed.
  private let known = Mutex<[RecordType]?>(nil)

  init(_ infos: [PrimitiveInfo]) { self.infos = infos }

  private var declared: [RecordType] {
    known.withLock { known in
      if let known { return known }
      var seen: Set<RecordType> = []
      let types = infos.flatMap { RecordLayout.types(of: $0.returns.fields) }.filter { seen.insert($0).inserted }
      known = types
      return types
    }
  }

  /// The type of a record, and of the records in it.
  private static func types(of fields: [FieldInfo]) -> [RecordType] {
    guard !fields.isEmpty else { return [] }
    return [RecordType(fields)] + fields.flatMap { types(of: $0.fields ?? []) }
  }

  /// Every key of the records: first those of the record type that fits best, in its order, then the rest by name.
  func columns(of rows: [[String: Value]]) -> Columns {
    let keys = rows.reduce(into: Set<String>()) { $0.formUnion($1.keys) }
    var best: (matched: Int, missing: Int, type: RecordType) = (0, 0, RecordType([]))
    for type in declared {
      let matched = type.names.filter(keys.contains).count
      let missing = type.names.count - matched
      if (matched, -missing) > (best.matched, -best.missing) { best = (matched, missing, type) }
    }
    let names = best.type.names.filter(keys.contains) + keys.subtracting(best.type.names).sorted()
    return Columns(names: names, times: best.type.times)
  }
}
