package import PrimitiveKit

/// What a run of Lua shows: what scripts print, results, failures, and the dialogue of primitives.
package protocol Surface: Sendable {
  var dialogue: any Dialogue { get }

  /// The columns of a terminal; nil where lines may be as long as they are.
  var width: Int? { get }

  /// Shows what a script printed; `--quiet` does not hold it back.
  func printed(_ text: String)

  /// Shows what a runbook printed while it was planned, so that nobody takes it for something that happened.
  func planned(_ text: String)

  /// Shows printed bytes that are no text: as they are in a pipe, with replacement characters elsewhere.
  func printed(_ bytes: [UInt8])

  /// Shows the results of code that was typed.
  func answered(_ values: [Value])

  /// Shows why a script or a call ended.
  func failed(_ failure: CallFailure)

  /// Shows what the operator must know now; `--quiet` does not hold it back.
  func warned(_ text: String)
}

extension Surface {
  package var width: Int? { nil }

  package func planned(_ text: String) {
    printed(text.split(separator: "\n", omittingEmptySubsequences: false).map { "plan: \($0)" }.joined(separator: "\n"))
  }

  package func printed(_ bytes: [UInt8]) { printed(String(decoding: bytes, as: UTF8.self)) }
}
