import PrimitiveKit

/// Reads audit records in order, and around what a damaged database cannot give.
struct AuditReader {
  let session: any DatabaseSession

  private static let page = 500
  // A run of so many places without a readable record is taken for the end when the head cannot be read either.
  private static let patience: Int64 = 2000

  /// Hands each record to `body` and answers the places of those that cannot be read.
  ///
  /// Throws `journal.*` but `journal.corrupt`.
  func read(from first: Int64, _ body: (AuditRecord) throws(CallFailure) -> Void) async throws(CallFailure) -> [Int64] {
    var unreadable: [Int64] = []
    var next = first
    while true {
      do throws(CallFailure) {
        let rows = try await session.query(
          "SELECT \(AuditRecord.columns) FROM audit WHERE seq >= $1 ORDER BY seq LIMIT \(AuditReader.page)",
          [.int(next)]
        )
        if rows.isEmpty { return unreadable }
        for row in rows {
          if let record = try? AuditRecord(row) {
            try body(record)
            next = record.seq + 1
          } else {
            unreadable.append(row.first?.int ?? next)
            next = (row.first?.int ?? next) + 1
          }
        }
      } catch {
        guard error.mark == .damaged else { throw error }
        guard try await readSingly(&next, &unreadable, body) else { return unreadable }
      }
    }
  }

  /// Reads a page's worth of places one by one; false at the end.
  private func readSingly(
    _ next: inout Int64,
    _ unreadable: inout [Int64],
    _ body: (AuditRecord) throws(CallFailure) -> Void
  ) async throws(CallFailure) -> Bool {
    let head = try? await session.query("SELECT seq FROM audit_head WHERE id = 1", []).first?.first?.int
    var lost: [Int64] = []
    for seq in next..<next + AuditReader.patience {
      if let head, seq > head { break }
      let rows = try? await session.query("SELECT \(AuditRecord.columns) FROM audit WHERE seq = $1", [.int(seq)])
      if let row = rows?.first, let record = try? AuditRecord(row) {
        unreadable += lost
        lost = []
        try body(record)
      } else {
        lost.append(seq)
      }
      next = seq + 1
    }
    if let head {
      unreadable += lost
      return next <= head
    }
    return lost.count < Int(AuditReader.patience)
  }
}
