/// An operation as it is recorded: encoded once, and named by the digest of its text.
///
/// Whoever asks a run about an operation before it performs it makes one with `Run.encoded` and hands it on.
package struct EncodedOperation<Change: Operation>: Sendable {
  package let change: Change
  /// JSON, in one spelling.
  package let text: String
  /// What names it within a step: kind, target and the digest of its text.
  let name: String

  init(_ change: Change, _ coding: OperationCoding) throws(CallFailure) {
    self.init(change, text: try coding.encode(change))
  }

  /// As somebody encoded it already.
  init(_ change: Change, text: String) {
    self.change = change
    self.text = text
    name = OperationKeys.name(Change.kind, change.target, text)
  }

  /// What names it within its run, without the number of a repetition.
  func base(in step: String) -> String { step.isEmpty ? name : "\(step)/\(name)" }
}

/// What came of an operation, with its text.
struct EncodedOutcome<Outcome: Sendable>: Sendable {
  let outcome: Outcome
  let text: String
}
