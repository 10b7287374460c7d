import PrimitiveKit

/// Compares audit records, handed over in order, with what each must be after the one before.
struct AuditVerifier {
  /// Problems so far.
  private(set) var problems: [AuditProblem] = []
  private(set) var count = 0
  private(set) var lastSeq: Int64 = 0
  private(set) var lastHash = ""
  /// Places without a record, each with the first record behind them.
  private(set) var gaps: [(places: ClosedRange<Int64>, next: AuditRecord)] = []
  /// Records that stood at another place, with that place.
  private(set) var displaced: [(record: AuditRecord, original: Int64)] = []
  /// Hashes of the records that anchors name.
  private(set) var hashes: [Int64: String] = [:]
  private let wanted: Set<Int64>
  private var shift: Int64 = 0
  private var searches = 0

  // How far from its place a record is looked for: trying a hash takes about a microsecond.
  private static let reach: Int64 = 2000
  private static let searchLimit = 100

  /// `wanted` are the places whose hashes are to be kept.
  init(wanted: Set<Int64>) { self.wanted = wanted }

  mutating func take(_ record: AuditRecord) {
    count += 1
    let isNext = record.seq == lastSeq + 1
    if !isNext { gaps.append((lastSeq + 1...max(lastSeq + 1, record.seq - 1), record)) }
    if record.expectedHash == record.hash {
      shift = 0
      // Behind a gap the record before is not there to compare with.
      if isNext, record.previous != lastHash { rewritten(before: record) }
    } else if shift != 0, record.previous == lastHash, record.expectedHash(at: record.seq + shift) == record.hash {
      // Moved together with the one before, which is reported.
    } else if let original = place(of: record) {
      shift = original - record.seq
      displaced.append((record, original))
    } else {
      shift = 0
      add(.edited, record.seq, record.run, "audit record \(record.seq) (\(record.event)) was edited")
    }
    if wanted.contains(record.seq) { hashes[record.seq] = record.hash }
    lastSeq = record.seq
    lastHash = record.hash
  }

  mutating func add(_ kind: AuditProblem.Kind, _ seq: Int64, _ run: String?, _ message: String) {
    problems.append(AuditProblem(kind: kind, seq: seq, run: run, message: message))
  }

  private mutating func rewritten(before record: AuditRecord) {
    if record.seq == 1 {
      add(.removed, 1, record.run, "audit record 1 is not the first one written")
    } else {
      let message = "audit record \(record.seq - 1) was replaced: the record after it followed another one"
      add(.edited, record.seq - 1, record.run, message)
    }
  }

  private mutating func place(of record: AuditRecord) -> Int64? {
    // Where everything was changed, it no longer matters how.
    searches += 1
    if searches > AuditVerifier.searchLimit { return nil }
    for distance in 1...AuditVerifier.reach {
      for seq in [record.seq - distance, record.seq + distance] where seq > 0 {
        if record.expectedHash(at: seq) == record.hash { return seq }
      }
    }
    return nil
  }
}
