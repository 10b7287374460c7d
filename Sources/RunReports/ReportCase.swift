package import PrimitiveKit

/// One thing in a report that is in order or not: a step, or a check before the first one.
package struct ReportCase: Codable, Sendable, Equatable {
  package enum State: String, Codable, Sendable {
    case ok, failed, skipped
    /// It was started and its end is unknown.
    case unknown
  }

  /// The path of the step, or what was checked, for example `lock`.
  package let name: String
  package let state: State
  package let seconds: Double
  /// What is worth saying of it; for a skipped one the reason.
  package let detail: String?
  package let failure: CallFailure?

  package init(
    _ name: String,
    _ state: State,
    seconds: Double = 0,
    detail: String? = nil,
    failure: CallFailure? = nil
  ) {
    self.name = name
    self.state = state
    self.seconds = seconds
    self.detail = detail
    self.failure = failure
  }
}
