package import PrimitiveKit

/// What a journal knows of one operation; times are milliseconds since 1970.
package struct OperationRow: Sendable, Equatable {
  package let run: String
  package let key: String
  /// The path of the step; empty outside steps.
  package let step: String
  package let kind: String
  package let target: OperationTarget
  package let effect: Effect
  package let summary: String
  /// The operation as JSON.
  package let text: String
  package let state: OperationState
  /// As JSON.
  package let outcome: String?
  package var inverse: StoredOperation?
  package let failure: CallFailure?
  package let epoch: Int?
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

  /// As it was written down, for `OperationCoding.operation`.
  package var stored: StoredOperation {
    StoredOperation(kind: kind, text: text, summary: summary, target: target, texts: texts)
  }
}
