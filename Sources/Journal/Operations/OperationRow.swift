package import PrimitiveKit

/// What a journal knows of one operation; times are milliseconds since 1970.
package struct OperationRow: IntentHolding, Sendable, Equatable {
  package let run: String
  /// What was recorded before it was sent.
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
  /// Why an operator stated its outcome; nil when nobody had to.
  package let resolution: String?
  /// Its place among everything that the journal's runs began; grows with time.
  package var place: Int64 = 0
  /// The long texts that it refers to, where they were asked for.
  package var texts = HeldTexts()

  package var epoch: Int? { intent.epoch }

  /// As it was recorded, for `OperationCoding.operation`.
  package var stored: StoredOperation {
    StoredOperation(kind: kind, text: text, summary: summary, target: target, texts: texts)
  }
}

/// Where an operation stands.
package enum OperationState: String, Sendable, Codable {
  /// Sent, or about to be: nobody wrote down the end.
  case open
  case done
  case failed
  /// It may have happened.
  case unknown
  /// An operator, or a look at its target, found that it did not happen.
  case notDone = "not_done"
}
