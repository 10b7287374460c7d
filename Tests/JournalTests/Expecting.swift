import PrimitiveKit
import Testing

@testable import JournalSQLite

/// Expects a failure with a code and words that its message or hint holds.
func expectFailure(
  _ code: String,
  saying words: String,
  _ body: () async throws(CallFailure) -> Void,
  sourceLocation: SourceLocation = #_sourceLocation
) async {
  do throws(CallFailure) {
    try await body()
    Issue.record("nothing was thrown", sourceLocation: sourceLocation)
  } catch {
    #expect(error.code == code, sourceLocation: sourceLocation)
    let text = "\(error.message) | \(error.hint ?? "")"
    #expect(text.contains(words), sourceLocation: sourceLocation)
  }
}

/// The lines of an export as values.
func parsed(_ lines: [String]) throws(CallFailure) -> [Value] {
  var values: [Value] = []
  for line in lines { values.append(try OperationCoding().decode(Value.self, from: line)) }
  return values
}

extension JournalScratch {
  /// Gives a claim a lease on web1 until a time; one that ended is renewed.
  func hold(_ claim: String, until time: Int64, isSticky: Bool = false) async throws {
    try await tamper(
      """
      INSERT INTO leases VALUES ('host/web1', '\(claim)', 'exclusive', 'anna', 'r1', NULL, \(isSticky ? 1 : 0), 7, 0, \(time))
      ON CONFLICT (scope, claim) DO UPDATE SET expires_at = excluded.expires_at
      """
    )
  }
}
