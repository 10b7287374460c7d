package import PrimitiveKit

extension Journal {
  /// Checks every audit record, the head, the rows that records were written with, and the anchors.
  ///
  /// Throws `journal.*` when the journal cannot be reached; what is wrong with it is in the report.
  package func verify() async throws(CallFailure) -> AuditReport {
    // In this order nothing that another process writes meanwhile looks like something that was removed.
    let noted = try await notedAnchors()
    let anchors = anchorFile?.lines()
    return try await look { (session) throws(CallFailure) in
      var marks = RecordedMarks()
      var verifier = AuditVerifier(wanted: Set((anchors ?? []).compactMap { $0?.seq }))
      let unreadable = try await AuditReader(session: session).read(from: 1) {
        verifier.take($0)
        marks.take($0)
      }
      await judgeGaps(&verifier, unreadable: unreadable)
      await judgeMoves(&verifier, session)
      await AuditCrossCheck(session: session).check(&verifier)
      if let anchorFile {
        AnchorCheck(journal: id, file: anchorFile.path, lines: anchors, noted: noted).check(&verifier)
      }
      // Where the records are not whole they say nothing about rows.
      if verifier.problems.allSatisfy({ $0.kind == .anchor }) { await judgeRows(&verifier, marks, session) }
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

  /// How many anchors this journal says it has in the file here, and the newest place among them.
  private func notedAnchors() async throws(CallFailure) -> AnchorCheck.Noted? {
    guard let anchorFile else { return nil }
    let sink = anchorFile.sink(host: identity.host)
    return try await look { (session) throws(CallFailure) in
      let rows = try? await session.query("SELECT seq, lines FROM anchors WHERE sink = $1", [.text(sink)])
      guard let row = rows?.first, let seq = row[0].int, let lines = row[1].int else { return nil }
      return AnchorCheck.Noted(seq: seq, lines: lines)
    }
  }

  private func judgeRows(
    _ verifier: inout AuditVerifier,
    _ marks: RecordedMarks,
    _ session: any DatabaseSession
  ) async {
    var rows = AuditRowCheck(session: session)
    do throws(CallFailure) {
      try await rows.check(marks)
    } catch {
      verifier.add(.unreadable, verifier.lastSeq, nil, error.message)
    }
    for problem in rows.problems { verifier.add(problem.kind, problem.seq, problem.run, problem.message) }
  }

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
