import PostgresClient
import PrimitiveKit
import Testing

struct PostgresErrorTests {
  @Test(arguments: [
    (PostgresError(.unreachable, ""), FailureClass.unavailable), (PostgresError(.dropped, ""), .unavailable),
    (PostgresError(.lost, ""), .unavailable), (PostgresError(.unknownOutcome, state: "57P01", ""), .unknownOutcome),
    (PostgresError(.timedOut, ""), .failed), (PostgresError(.cancelled, ""), .cancelled),
    (PostgresError(.invalid, ""), .invalid), (PostgresError(.misuse, ""), .defect),
    (PostgresError(.refused, state: "23505", ""), .failed), (PostgresError(.refused, state: "25006", ""), .refused),
    (PostgresError(.refused, state: "42501", ""), .refused),
    (PostgresError(.refused, state: "40001", ""), .unavailable),
    (PostgresError(.refused, state: "55P03", ""), .unavailable), (PostgresError(.refused, state: "57014", ""), .failed),
    (PostgresError(.refused, state: "57P03", ""), .unavailable),
    (PostgresError(.refused, state: "53300", ""), .unavailable),
  ])
  func `each error has its class`(error: PostgresError, expected: FailureClass) {
    #expect(error.failureClass == expected)
  }

  @Test func `only what committed nothing may be tried again`() {
    #expect(PostgresError(.lost, "").isTransient)
    #expect(PostgresError(.refused, state: "40P01", "").isTransient)
    #expect(!PostgresError(.unknownOutcome, "").isTransient)
    #expect(!PostgresError(.refused, state: "23505", "").isTransient)
    #expect(!PostgresError(.timedOut, "").isTransient)
  }
}
