package import PrimitiveKit

/// What a journal knows of one operation; times are milliseconds since 1970.
package struct OperationRow: Sendable, Equatable {
  package let run: String
  /// What was written down before it was sent.
  package let intent: OperationIntent
  package let state: OperationState
  /// As JSON.
  package let outcome: String?
  package var inverse: StoredOperation?
  package let failure: CallFailure?
  package let intendedAt: Int64
  package let settledAt: Int64?
  /// Whether a resumed run found it done instead of doing it.
  package let isAdopted: Bool
  /// Why an operator said what became of it; nil when nobody had to.
  package let resolution: String?
  /// Its place among everything that the journal's runs began; grows with time.
  package var place: Int64 = 0
  /// The long texts that it refers to, where they were asked for.
  package var texts = HeldTexts()

  package var key: String { intent.key }
  /// The path of the step; empty outside steps.
  package var step: String { intent.step }
  package var kind: String { intent.kind }
  package var target: OperationTarget { intent.target }
  package var effect: Effect { intent.effect }
  package var summary: String { intent.summary }
  /// The operation as JSON.
  package var text: String { intent.text }
  package var epoch: Int? { intent.epoch }

  /// As it was written down, for `OperationCoding.operation`.
  package var stored: StoredOperation {
    StoredOperation(kind: kind, text: text, summary: summary, target: target, texts: texts)
  }
}
