package import PrimitiveKit

extension Journal {
  /// The samples kept of a check, one for each subject; none before the first was kept.
  package func samples(of check: String) async throws(CallFailure) -> [CheckSample] {
    // The table is made with the first sample, and a copy of the journal may be without it.
    guard try await JournalTables(of: database)["check_samples"] != nil else { return [] }
    return try await look { (session) throws(CallFailure) in
      let rows = try await session.query(
        """
        SELECT subject, value, at, before_value, before_at FROM check_samples WHERE check_name = $1 ORDER BY subject
        """,
        [.text(check)]
      )
      var samples: [CheckSample] = []
      for row in rows {
        var reader = RowReader(row, of: "check_samples")
        let subject = try reader.text()
        var sample = CheckSample(check, subject, try Journal.reading(try reader.text(), try reader.int()))
        if let value = reader.optionalText(), let at = reader.optionalInt() {
          sample.before = try Journal.reading(value, at)
        }
        samples.append(sample)
      }
      return samples
    }
  }

  /// Keeps samples instead of earlier ones of the same subjects; what checks find is not audited.
  package func keep(_ samples: [CheckSample]) async throws(CallFailure) {
    guard !samples.isEmpty else { return }
    try await change { (change) throws(CallFailure) in
      try await change.query(
        """
        CREATE TABLE IF NOT EXISTS check_samples(
          check_name TEXT NOT NULL, subject TEXT NOT NULL, value TEXT NOT NULL, at BIGINT NOT NULL, before_value TEXT,
          before_at BIGINT, PRIMARY KEY(check_name, subject))
        """,
        []
      )
      for sample in samples {
        try await change.query(
          """
          INSERT INTO check_samples(check_name, subject, value, at, before_value, before_at)
          VALUES ($1, $2, $3, $4, $5, $6)
          ON CONFLICT (check_name, subject) DO UPDATE SET value = excluded.value, at = excluded.at,
            before_value = excluded.before_value, before_at = excluded.before_at
          """,
          [
            .text(sample.check), .text(sample.subject), .text("\(sample.last.value)"), .int(sample.last.milliseconds),
            .optional(sample.before.map { "\($0.value)" }), .optional(sample.before?.milliseconds),
          ]
        )
      }
    }
  }

  private static func reading(_ value: String, _ at: Int64) throws(CallFailure) -> CheckReading {
    guard let value = Double(value) else {
      throw CallFailure(
        .journal,
        .damaged,
        code: "journal.corrupt",
        message: "the journal cannot be read: a kept sample is not a number",
        hint: "see what else was changed with `opsh audit verify`"
      )
    }
    return CheckReading(value, at: Double(at) / 1000)
  }
}

extension CheckReading {
  fileprivate var milliseconds: Int64 { Int64((at * 1000).rounded()) }
}
