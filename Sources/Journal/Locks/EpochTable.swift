import PrimitiveKit

/// The rows of `scope_epochs`: the newest epoch of each scope, and the newest of anything below it.
struct EpochTable {
  let session: any DatabaseSession

  /// One row; each number with the place of the audit record that tells of it, 0 for a number that was never given.
  struct Row: Equatable {
    var epoch = 0
    var seq: Int64 = 0
    var below = 0
    var belowSeq: Int64 = 0
  }

  /// The rows of scopes, by scope; those that no lock was ever on are left out.
  func rows(of scopes: [String]) async throws(CallFailure) -> [String: Row] {
    var found: [String: Row] = [:]
    for start in stride(from: 0, to: scopes.count, by: 500) {
      let some = scopes[start..<min(start + 500, scopes.count)]
      let places = (1...some.count).map { "$\($0)" }.joined(separator: ", ")
      let rows = try await session.query(
        "SELECT \(EpochTable.columns) FROM scope_epochs WHERE scope IN (\(places))",
        some.map { .text($0) }
      )
      try EpochTable.read(rows, into: &found)
    }
    return found
  }

  /// Every row, by scope.
  func all() async throws(CallFailure) -> [String: Row] {
    var found: [String: Row] = [:]
    let rows = try await session.query("SELECT \(EpochTable.columns) FROM scope_epochs", [])
    try EpochTable.read(rows, into: &found)
    return found
  }

  func count() async throws(CallFailure) -> Int64 {
    try await session.query("SELECT COUNT(*) FROM scope_epochs", []).first?.first?.int ?? 0
  }

  /// Writes rows in the place of those that are there.
  func put(_ rows: [String: Row]) async throws(CallFailure) {
    let sorted = rows.sorted { $0.key < $1.key }
    for start in stride(from: 0, to: sorted.count, by: 100) {
      var arguments: [DatabaseValue] = []
      var places: [String] = []
      for (scope, row) in sorted[start..<min(start + 100, sorted.count)] {
        places.append("(" + (1...5).map { "$\(arguments.count + $0)" }.joined(separator: ", ") + ")")
        arguments += [.text(scope), .int(Int64(row.epoch)), .int(row.seq), .int(Int64(row.below)), .int(row.belowSeq)]
      }
      try await session.query(
        """
        INSERT INTO scope_epochs(\(EpochTable.columns)) VALUES \(places.joined(separator: ", "))
        ON CONFLICT (scope) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq, below = excluded.below,
          below_seq = excluded.below_seq
        """,
        arguments
      )
    }
  }

  /// The scopes whose hosts did not say what they obeyed before this journal.
  func unasked() async throws(CallFailure) -> [String] {
    try await JournalMark.unasked.read(session).map { $0.split(separator: "\n").map(String.init) } ?? []
  }

  /// Keeps those scopes; nothing is written when they are the same as `before`.
  func setUnasked(_ scopes: Set<String>, from before: Set<String>? = nil) async throws(CallFailure) {
    if scopes == before { return }
    try await JournalMark.unasked.set(scopes.sorted().joined(separator: "\n"), in: session)
  }

  private static let columns = "scope, epoch, seq, below, below_seq"

  private static func read(_ rows: [[DatabaseValue]], into found: inout [String: Row]) throws(CallFailure) {
    for row in rows {
      var reader = RowReader(row, of: "scope_epochs")
      let scope = try reader.text()
      found[scope] = Row(
        epoch: Int(try reader.int()),
        seq: try reader.int(),
        below: Int(try reader.int()),
        belowSeq: try reader.int()
      )
    }
  }
}

extension EpochTable.Row {
  /// What a grant of `epoch` makes of it; `isOwn` when it locks the scope itself, not only something below.
  mutating func grant(_ epoch: Int, isOwn: Bool, seq: Int64) {
    if isOwn {
      (self.epoch, self.seq) = (epoch, seq)
    } else if epoch > below {
      (below, belowSeq) = (epoch, seq)
    }
  }

  /// What a reset to `epoch` makes of it: nothing stays that a wrong clock put far ahead of `clock`.
  ///
  /// What is ahead by less was granted to others, whose hosts obeyed it. `clock` is milliseconds since 1970; nil, as in
  /// records of an older opsh, lets nothing above the epoch stay.
  mutating func reset(_ epoch: Int, isOwn: Bool, seq: Int64, clock: Int64?) {
    func goes(_ number: Int) -> Bool {
      guard let clock else { return number > epoch }
      return number > epoch && Epoch(number).isAbsurd(at: clock)
    }
    if goes(self.epoch) { (self.epoch, self.seq) = (epoch, seq) }
    if goes(below) { (below, belowSeq) = (epoch, seq) }
    grant(epoch, isOwn: isOwn, seq: seq)
  }
}
