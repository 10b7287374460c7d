package import PrimitiveKit

/// How a step ended.
package enum StepEnd: Sendable, Equatable {
  /// With what its body answered.
  case ok(Value)
  case failed(CallFailure)
  case skipped(reason: String)
}
