package import PrimitiveKit

extension Journal {
  /// Checks every audit record, the head, the rows that records were written with, and the anchors.
  ///
  /// Throws `journal.*` when the journal cannot be reached; what is wrong with it is in the report.
  package func verify() async throws(CallFailure) -> AuditReport {
    try await look { (session) throws(CallFailure) in
      let anchors = anchorFile?.lines()
      var verifier = AuditVerifier(wanted: Set((anchors ?? []).compactMap { $0?.seq }))
      let unreadable = try await AuditReader(session: session).read(from: 1) { verifier.take($0) }
      await judgeGaps(&verifier, unreadable: unreadable)
      await judgeMoves(&verifier, session)
      await AuditCrossCheck(session: session).check(&verifier)
      if let anchorFile {
        let sink = anchorFile.sink(host: identity.host)
        await AnchorCheck(journal: id, file: anchorFile.path, sink: sink, lines: anchors).check(&verifier, session)
      }
      let problems = verifier.problems.sorted { $0.seq < $1.seq }
      return AuditReport(
        count: verifier.count,
        anchorCount: (anchors ?? []).count,
        problems: Array(problems.prefix(Journal.listedProblems)),
        problemCount: problems.count
      )
    }
  }

  private static let listedProblems = 50

  private func judgeGaps(_ verifier: inout AuditVerifier, unreadable: [Int64]) async {
    let lost = Set(unreadable)
    for gap in verifier.gaps {
      let places =
        gap.places.count == 1 ? "\(gap.places.lowerBound)" : "\(gap.places.lowerBound) to \(gap.places.upperBound)"
      if gap.places.count <= lost.count, gap.places.allSatisfy(lost.contains) { continue }
      verifier.add(.removed, gap.places.lowerBound, gap.next.run, "audit records were removed: number \(places)")
    }
    for seq in unreadable { verifier.add(.unreadable, seq, nil, "audit record \(seq) cannot be read") }
  }

  private func judgeMoves(_ verifier: inout AuditVerifier, _ session: any DatabaseSession) async {
    for (record, original) in verifier.displaced {
      // The hash it was written behind tells whether others changed places with it or one before it is gone.
      let before = try? await session.query("SELECT seq FROM audit WHERE hash = $1", [.text(record.previous)])
      if original > record.seq, let before, before.isEmpty {
        let message = "audit record \(original - 1) was removed, and those after it were renumbered"
        verifier.add(.removed, record.seq, record.run, message)
      } else {
        let message = "audit record \(record.seq) (\(record.event)) was reordered: it was written as number \(original)"
        verifier.add(.reordered, record.seq, record.run, message)
      }
    }
  }
}
