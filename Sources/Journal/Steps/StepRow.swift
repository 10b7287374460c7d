package import PrimitiveKit

/// What a journal knows of one step; times are milliseconds since 1970.
package struct StepRow: Sendable, Equatable {
  /// Stable names from the outermost step inwards, joined by `/`.
  package let path: String
  package let argumentsHash: String
  package let attempt: Int
  package let state: StepState
  package let result: Value?
  package let failure: CallFailure?
  /// Why it was skipped.
  package let reason: String?
  package let beganAt: Int64
  package let endedAt: Int64?
  /// Its place among everything that the journal's runs began; grows with time.
  package var place: Int64 = 0
}

/// How a step ended.
package enum StepEnd: Sendable, Equatable {
  /// With what its body answered.
  case ok(Value)
  case failed(CallFailure)
  case skipped(reason: String)
}

/// Where a step stands.
package enum StepState: String, Sendable, Codable {
  case open
  case ok
  case failed
  case skipped
}
