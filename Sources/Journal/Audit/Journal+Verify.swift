package import PrimitiveKit

extension Journal {
  /// Checks every audit record, the head, the rows that records were written with, and the anchors.
  ///
  /// What is wrong is in the report, and it marks the journal: nobody writes to it until somebody accepts it. Throws
  /// `journal.*` when the journal cannot be reached.
  package func verify(marks: Bool = true) async throws(CallFailure) -> AuditReport {
    // In this order nothing that another process writes meanwhile looks like something that was removed.
    let noted = try await notedAnchors()
    let anchors = anchorFile?.lines()
    let found = try await look { (session) throws(CallFailure) in try await inspect(session, anchors, noted) }
    if marks, let first = found.problems.first, refusal?.mark != .newerSchema, refusal?.mark != .moved {
      // A journal that cannot be written needs no mark.
      _ = try? await database.transaction { (session) throws(CallFailure) in
        try await DamageMark.set(first.message, in: session)
      }
    }
    return AuditReport(
      count: found.count,
      anchorCount: (anchors ?? []).count,
      problems: Array(found.problems.prefix(Journal.listedProblems)),
      problemCount: found.problems.count,
      accepted: found.accepted
    )
  }

  /// What `verify` finds, in the order of the records, and what of it was accepted before.
  func inspect(
    _ session: any DatabaseSession,
    _ anchors: [AnchorLine?]?,
    _ noted: AnchorCheck.Noted?,
    isAccepting: Bool = false
  ) async throws(CallFailure) -> (count: Int, problems: [AuditProblem], accepted: [String]) {
    let older = anchorFile?.olderLines(of: id) ?? []
    var marks = RecordedMarks()
    var acceptances: [Acceptance] = []
    var prunings = RecordedPrunings()
    var verifier = AuditVerifier(wanted: Set((anchors ?? []).compactMap { $0?.seq } + older.map(\.seq)))
    let unreadable = try await AuditReader(session: session).read(from: 1) { record in
      verifier.take(record)
      marks.take(record)
      prunings.take(record)
      if let acceptance = Acceptance(record) { acceptances.append(acceptance) }
    }
    await judgeGaps(&verifier, unreadable: unreadable)
    await judgeMoves(&verifier, session)
    await AuditCrossCheck(session: session).check(&verifier)
    if let anchorFile {
      let check = AnchorCheck(journal: id, file: anchorFile.path, lines: anchors, older: older, noted: noted)
      check.check(&verifier)
      // Whoever can write to the database alone can accept nothing.
      acceptances.removeAll { acceptance in
        !((anchors ?? []) + older).contains { $0?.seq == acceptance.seq && $0?.hash == acceptance.hash }
      }
    }
    // Where the records are not whole they prove nothing about rows, unless that was accepted.
    let isWhole = verifier.problems.allSatisfy { $0.kind == .anchor }
    if isWhole || !acceptances.isEmpty || isAccepting { await judgeRows(&verifier, marks, prunings, session) }
    await judgeTexts(&verifier, session)
    let problems = verifier.problems.filter { problem in !acceptances.contains { $0.covers(problem) } }
    return (verifier.count, problems.sorted { $0.seq < $1.seq }, acceptances.map(\.words))
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

  /// Texts that rows refer to: a run whose text is gone can be neither resumed nor rolled back.
  private func judgeTexts(_ verifier: inout AuditVerifier, _ session: any DatabaseSession) async {
    do throws(CallFailure) {
      for missing in try await MissingTexts(session: session).find() {
        verifier.add(.removed, missing.seq, missing.run, missing.words)
      }
    } catch {
      verifier.add(.unreadable, verifier.lastSeq, nil, error.message)
    }
  }

  private func judgeRows(
    _ verifier: inout AuditVerifier,
    _ marks: RecordedMarks,
    _ prunings: RecordedPrunings,
    _ session: any DatabaseSession
  ) async {
    var rows = AuditRowCheck(session: session, pruned: prunings.runs)
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
