import PrimitiveKit

/// How audit records hang together: each hash covers the record and the hash before it.
enum AuditChain {
  /// SHA-256 over the fields, each behind its length in 8 bytes, so that no two records read alike.
  static func hash(
    previous: String,
    seq: Int64,
    at: Int64,
    run: String,
    event: String,
    body: String
  ) -> String {
    var bytes: [UInt8] = []
    for field in [previous, "\(seq)", "\(at)", run, event, body] {
      let count = UInt64(field.utf8.count)
      for shift in stride(from: 56, through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: count >> UInt64(shift)))
      }
      bytes += Array(field.utf8)
    }
    return SHA256(hashing: bytes).hex
  }
}

extension AuditRecord {
  /// The hash it must have where it stands.
  var expectedHash: String { expectedHash(at: seq) }

  /// The hash it would have at another place.
  func expectedHash(at seq: Int64) -> String {
    AuditChain.hash(previous: previous, seq: seq, at: at, run: run ?? "", event: event, body: body)
  }

  /// The columns that `init(_:)` takes.
  static let columns = "seq, at, run, event, body, previous, hash"

  /// Reads a row of `columns`; throws `journal.corrupt`.
  init(_ row: [DatabaseValue]) throws(CallFailure) {
    var reader = RowReader(row, of: "audit")
    seq = try reader.int()
    at = try reader.int()
    let run = try reader.text()
    self.run = run.isEmpty ? nil : run
    event = try reader.text()
    body = try reader.text()
    previous = try reader.text()
    hash = try reader.text()
  }
}
