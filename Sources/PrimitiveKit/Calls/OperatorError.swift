/// An error an operator can act on: a stable code, what happened, what to try.
package protocol OperatorError: Error, Sendable {
  /// A stable, dotted code that scripts match on, for example `fleet.unreachable`.
  var code: String { get }
  /// What happened and to what, in one sentence; never a secret.
  var message: String { get }
  /// What the operator may try next.
  var hint: String? { get }
}

/// The failure of a call, as Lua and the terminal see it.
package struct CallFailure: OperatorError, Equatable, Codable {
  package var code: String
  package var message: String
  package var hint: String?
  /// Where in the script the call stood, innermost line first; empty until Lua adds it.
  package var trace: [String]

  package init(code: String, message: String, hint: String? = nil, trace: [String] = []) {
    self.code = code
    self.message = message
    self.hint = hint
    self.trace = trace
  }

  /// Erases a typed error and keeps its code, message and hint.
  package init(_ error: some OperatorError) {
    if let failure = error as? CallFailure {
      self = failure
    } else {
      self.init(code: error.code, message: error.message, hint: error.hint)
    }
  }

  /// Erases any error; one without a code of its own becomes `internal.error`.
  package init(anyError error: any Error) {
    if let error = error as? any OperatorError {
      self.init(error)
    } else if error is CancellationError {
      self = .cancelled
    } else {
      self.init(code: "internal.error", message: "unexpected error: \(error)")
    }
  }

  /// The failure of a call that was cancelled while it waited.
  package static let cancelled = CallFailure(code: "call.cancelled", message: "cancelled")
}
