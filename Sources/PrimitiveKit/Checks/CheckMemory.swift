/// Keeps what checks measured from one time to the next: for growth, and for knowing that something is measured at all.
package protocol CheckMemory: Sendable {
  /// The samples kept of a check, one for each subject; throws `journal.*`.
  func samples(of check: String) async throws(CallFailure) -> [CheckSample]
  /// Keeps samples instead of earlier ones of the same subjects; throws `journal.*`.
  func keep(_ samples: [CheckSample]) async throws(CallFailure)
}

/// A number that was true at a moment.
package struct CheckReading: Sendable, Equatable {
  package let value: Double
  /// Seconds since 1970.
  package let at: Double

  package init(_ value: Double, at: Double) {
    self.value = value
    self.at = at
  }
}

/// What is kept of one subject of a check: the last reading, and the one that it is compared with where they are close.
package struct CheckSample: Sendable, Equatable {
  package let check: String
  /// Empty for a check about one thing.
  package let subject: String
  package let last: CheckReading
  package var before: CheckReading?

  package init(_ check: String, _ subject: String, _ last: CheckReading, before: CheckReading? = nil) {
    self.check = check
    self.subject = subject
    self.last = last
    self.before = before
  }
}

/// Remembers nothing: of a session without a journal.
package struct NoMemory: CheckMemory {
  package init() {}
  package func samples(of check: String) async throws(CallFailure) -> [CheckSample] { [] }
  package func keep(_ samples: [CheckSample]) async throws(CallFailure) {}
}
