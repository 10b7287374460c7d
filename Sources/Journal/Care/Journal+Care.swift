import Foundations
package import PrimitiveKit

/// What the record of a restore says.
package struct RestoreNote: Sendable {
  /// The backup that it was restored from.
  package var file: String
  /// Why it was forced; nil when it was not.
  package var reason: String?
  package var lost = JournalLoss()

  package init(file: String, reason: String?) {
    self.file = file
    self.reason = reason
  }

  fileprivate func fields(head: Int64) -> [String: JSONText] {
    [
      "file": .string(file), "head": .int(head), "lost": .int(lost.records), "reason": .optional(reason),
      "lost_runs": .list(lost.runs.map { .string($0) }), "lost_run_count": .int(Int64(lost.runCount)),
      "lost_locks": .list(lost.locks.map { .string($0) }),
    ]
  }
}

/// What a journal had and a backup has not.
package struct JournalLoss: Sendable, Equatable {
  /// Audit records.
  package var records: Int64 = 0
  package var runCount = 0
  /// The ids of the newest of these runs, at most 20.
  package var runs: [String] = []
  /// Locks taken by hand, for example `the lock of anna on host/web1`, in order.
  package var locks: [String] = []

  package init() {}

  /// What this database holds beyond the record at `head`; of another journal, all of it.
  ///
  /// Throws `journal.*`.
  package static func of(_ database: any Database, beyond head: Int64) async throws(CallFailure) -> JournalLoss {
    try await database.reading { (session) throws(CallFailure) in
      var loss = JournalLoss()
      let records = try await session.query("SELECT COUNT(*) FROM audit WHERE seq > $1", [.int(head)])
      loss.records = records.first?.first?.int ?? 0
      let runs = try await session.query("SELECT id FROM runs WHERE begun > $1 ORDER BY begun DESC", [.int(head)])
      loss.runCount = runs.count
      loss.runs = runs.prefix(20).compactMap { $0.first?.text }
      return loss
    }
  }
}

extension Journal {
  /// The schema that this opsh reads and writes.
  package static var schemaVersion: Int { Schema.version }

  /// Whether what is wrong with it is that it was cut off or edited, which `accept` can accept.
  package var isDamaged: Bool { refusal?.mark == .damaged }

  /// Replaces everything in this journal by what another database holds, in one transaction of this one.
  ///
  /// With a note it is a restore: hosts may know newer epochs than what was restored, so it is marked `epochs_unsure`, and
  /// it holds the record of its own restore, behind every place that anchors know. Throws `journal.*`; then nothing has
  /// changed.
  package func replace(by source: any Database, _ copy: JournalCopy, note: RestoreNote? = nil) async throws(CallFailure)
  {
    let anchors = anchorFile?.lines()
    try await source.reading { (from) throws(CallFailure) in
      try await database.transaction { (to) throws(CallFailure) in
        try await copy.copy(from: from, to: to)
        try await to.query("DELETE FROM meta WHERE name = $1", [.text(MoveMark.name)])
        guard let note else { return }
        let own = try await Schema.marks(to)?.id ?? id
        let head = try await to.query("SELECT seq FROM audit_head WHERE id = 1", []).first?.first?.int ?? 0
        try await JournalMark.epochsUnsure.set("1", in: to)
        try await JournalMark.restoredHead.set("\(head)", in: to)
        try await mendHead(to, (anchors ?? []).compactMap { $0 }.filter { $0.journal == own })
        let change = try await JournalChange(to, journal: self, isMending: true)
        try await change.audit("journal.restore", run: nil, note.fields(head: head))
      }
    }
  }

  /// Copies everything into an empty database, and marks this journal as moved to `place`: nobody writes to it any more.
  ///
  /// No other process writes meanwhile. Killed between the two ends, both are whole and a second try ends it. Throws
  /// `journal.*`; then this journal is as it was.
  package func move(
    to target: any Database,
    _ copy: JournalCopy,
    place: String,
    reason: String?
  ) async throws(CallFailure) -> Int64 {
    let head = try await change(isLast: true) { (change) throws(CallFailure) in
      let source = change.session
      let from = database.name
      // Both have the record of the move: what anchors know of the old one is true of the new one as well.
      let seq = try await change.audit("journal.moved", run: nil, ["to": .string(place), "reason": .optional(reason)])
      try await target.transaction { (to) throws(CallFailure) in
        try await copy.copy(from: source, to: to)
        let moved = try await JournalChange(to, journal: self)
        _ = try await moved.audit("journal.move", run: nil, ["from": .string(from), "reason": .optional(reason)])
      }
      try await MoveMark.set(place, in: source)
      return seq
    }
    return head
  }

  /// Notes that a backup of it was made; a journal that cannot be written goes without.
  package func noteBackup() async {
    if refusal != nil { return }
    _ = try? await database.transaction { (session) throws(CallFailure) in
      try await JournalMark.backedUp.set("\(try await session.now())", in: session)
    }
  }

  /// When it was last backed up, in milliseconds since 1970; nil when it never was.
  package func lastBackup() async throws(CallFailure) -> Int64? {
    let text = try await look { (session) throws(CallFailure) in try await JournalMark.backedUp.read(session) }
    return text.flatMap { Int64($0) }
  }
}
