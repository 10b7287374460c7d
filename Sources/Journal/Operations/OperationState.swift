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
