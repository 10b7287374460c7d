package import PrimitiveKit

/// Tells a sink of the newest audit record after every run.
///
/// A sink that fails stops nothing: it is said once, and the next head covers what was missed.
package actor HeadKeeper {
  private let sink: any HeadSink
  private let say: @Sendable (String) -> Void
  private var told: Int64 = 0
  private var isFailing = false

  package init(_ sink: any HeadSink, say: @escaping @Sendable (String) -> Void) {
    self.sink = sink
    self.say = say
  }

  /// Sends the journal's head unless the sink has it; never throws.
  package func tell(_ journal: Journal) async {
    do throws(CallFailure) {
      guard let head = try await journal.head(), head.seq > told else { return }
      try await sink.send(head.text)
      told = head.seq
      if isFailing { say("audit: \(sink.name) accepts heads again; record \(head.seq) covers the ones it missed") }
      isFailing = false
    } catch {
      if !isFailing { say("audit: the head was not stored: \(error.message); the next one covers it") }
      isFailing = true
    }
  }
}

extension Journal {
  /// The newest audit record as the line that is kept elsewhere; nil without one.
  ///
  /// Throws `journal.*`.
  package func head() async throws(CallFailure) -> AuditHead? {
    let rows = try await look { (session) throws(CallFailure) in
      try await session.query("SELECT \(AuditRecord.columns) FROM audit ORDER BY seq DESC LIMIT 1", [])
    }
    guard let row = rows.first else { return nil }
    let record = try AuditRecord(row)
    return AuditHead(journal: id, seq: record.seq, hash: record.hash, at: record.at, run: record.run)
  }

  /// Compares heads that were kept elsewhere with the chain.
  ///
  /// Every line that holds a head counts, whatever a log wrote before it; heads of other journals are counted and left out.
  /// Throws `audit.no_heads` for a text without any of this journal, and `journal.*`.
  package func compare(heads text: String, name: String) async throws(CallFailure) -> HeadComparison {
    var own: [(line: Int, head: AuditHead)] = []
    var others = 0
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard let head = AuditHead(line) else { continue }
      if head.journal == id { own.append((index + 1, head)) } else { others += 1 }
    }
    if own.isEmpty {
      throw CallFailure(
        .invalid,
        code: "audit.no_heads",
        message: "\(name) has no head of this journal (\(id))\(others > 0 ? ", and \(others) of others" : "")",
        hint: others > 0
          ? "check whether the journal was replaced by another" : "give a file written by the site's `audit` sink"
      )
    }
    var comparison = HeadComparison(matched: 0, others: others)
    for (line, head) in own.sorted(by: { $0.head.seq < $1.head.seq }) {
      let found = try await look { (session) throws(CallFailure) in
        try await session.query("SELECT \(AuditRecord.columns) FROM audit WHERE seq = $1", [.int(head.seq)]).first
      }
      let record = try found.map { (row) throws(CallFailure) in try AuditRecord(row) }
      if let record, record.hash == head.hash, record.expectedHash == record.hash {
        comparison.matched += 1
        continue
      }
      let what = record == nil ? "is gone" : "differs"
      let run = head.run.map { " (run \($0))" } ?? ""
      comparison.mismatch = "audit record \(head.seq)\(run) \(what): see line \(line) of \(name)"
      break
    }
    return comparison
  }
}

/// What a comparison with heads that were kept elsewhere found.
package struct HeadComparison: Sendable, Equatable {
  /// Heads that are those of the chain, from the oldest on.
  package var matched: Int
  /// Heads of other journals.
  package var others: Int
  /// The first head that is not in the chain, in one sentence; nil when all are.
  package var mismatch: String?
}
