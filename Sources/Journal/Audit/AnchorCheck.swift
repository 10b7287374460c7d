import PrimitiveKit

/// Compares the audit chain with the hashes that were kept outside of the database.
struct AnchorCheck {
  let journal: String
  let file: String
  /// Nil without a file; each nil where a line cannot be read.
  let lines: [AnchorLine?]?
  /// What a file of an older opsh, which several journals shared, says of this one.
  var older: [AnchorLine] = []
  /// Nil where the journal knows of none.
  let noted: Noted?

  /// What the journal itself says of its anchors in one file.
  struct Noted: Sendable {
    /// The newest place.
    let seq: Int64
    let lines: Int64
  }

  /// Adds problems to the verifier.
  func check(_ verifier: inout AuditVerifier) {
    for (index, line) in older.enumerated() { compare(line, number: index + 1, &verifier) }
    guard let lines else {
      if let noted { verifier.add(.anchor, noted.seq, nil, "the anchors \(file) were removed") }
      return
    }
    for (index, line) in lines.enumerated() {
      if let line { compare(line, number: index + 1, &verifier) } else { unreadable(index + 1, &verifier) }
    }
    let own = lines.compactMap { $0 }.filter { $0.journal == journal }
    guard let noted else { return }
    if Int64(own.count) < noted.lines || (own.map(\.seq).max() ?? 0) < noted.seq {
      let message = "lines were removed from the anchors \(file): \(own.count) of \(noted.lines) are left"
      verifier.add(.anchor, noted.seq, nil, message)
    }
  }

  private func compare(_ line: AnchorLine, number: Int, _ verifier: inout AuditVerifier) {
    if line.journal != journal {
      let message = "line \(number) of \(file) is about another journal: this is not the one that was here"
      verifier.add(.anchor, line.seq, line.run, message)
    } else if line.seq > verifier.lastSeq {
      let message = "the end of the audit chain was removed: \(file) has record \(line.seq)"
      verifier.add(.truncated, line.seq, line.run, message)
    } else if let hash = verifier.hashes[line.seq], hash != line.hash {
      let message =
        "audit record \(line.seq) differs from line \(number) of \(file): one of them was edited"
      verifier.add(.edited, line.seq, line.run, message)
    }
  }

  private func unreadable(_ number: Int, _ verifier: inout AuditVerifier) {
    verifier.add(.anchor, verifier.lastSeq, nil, "line \(number) of the anchors \(file) was edited: it cannot be read")
  }
}
