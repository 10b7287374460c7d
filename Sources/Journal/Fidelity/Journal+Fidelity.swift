import Foundations
package import PrimitiveKit

extension Journal {
  /// Keeps how many predictions of one kind a run made and how many came true; said again, the newest word counts.
  package func addFidelity(run: String, kind: String, predicted: Int, matched: Int) async throws(CallFailure) {
    try await change { (change) throws(CallFailure) in
      try await change.query(
        """
        INSERT INTO fidelity(run, kind, predicted, matched, at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (run, kind) DO UPDATE SET predicted = excluded.predicted, matched = excluded.matched, at = excluded.at
        """,
        [.text(run), .text(kind), .int(Int64(predicted)), .int(Int64(matched)), .int(change.at)]
      )
      try await change.audit(
        "run.fidelity",
        run: run,
        ["kind": .string(kind), "predicted": .int(Int64(predicted)), "matched": .int(Int64(matched))]
      )
    }
  }

  /// How often predictions were right, by kind of operation.
  package func fidelity() async throws(CallFailure) -> [FidelityRow] {
    try await look { (session) throws(CallFailure) in
      // A sum of 64-bit integers is a wider type on PostgreSQL.
      let rows = try await session.query(
        """
        SELECT kind, COUNT(*), CAST(SUM(predicted) AS BIGINT), CAST(SUM(matched) AS BIGINT), MAX(at)
        FROM fidelity GROUP BY kind ORDER BY kind
        """,
        []
      )
      var found: [FidelityRow] = []
      for row in rows {
        var reader = RowReader(row, of: "fidelity")
        found.append(
          FidelityRow(
            kind: try reader.text(),
            runs: Int(try reader.int()),
            predicted: Int(try reader.int()),
            matched: Int(try reader.int()),
            lastAt: try reader.int()
          )
        )
      }
      return found
    }
  }
}

/// How often predictions of one kind of operation came true, over all runs.
package struct FidelityRow: Sendable, Equatable {
  /// Of the operation, such as `bots.swap`.
  package let kind: String
  package let runs: Int
  package let predicted: Int
  package let matched: Int
  /// Of the newest of these runs, in milliseconds since 1970.
  package let lastAt: Int64

  /// The share that came true, 0 to 1; nil when nothing was predicted.
  package var ratio: Double? { predicted == 0 ? nil : Double(matched) / Double(predicted) }
}
