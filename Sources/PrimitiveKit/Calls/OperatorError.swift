/// An error an operator can act on: its class, a stable code, what happened, what to try.
package protocol OperatorError: Error, Sendable {
  /// What kind of failure it is; everything that opsh decides by itself follows from it.
  var failureClass: FailureClass { get }
  /// What tells it from others of its class; nil where nothing does.
  var mark: FailureMark? { get }
  /// A stable, dotted code that scripts match on, for example `fleet.unreachable`.
  var code: String { get }
  /// What happened and to what, in one sentence; never a secret.
  var message: String { get }
  /// What the operator may try next.
  var hint: String? { get }
}

extension OperatorError {
  package var mark: FailureMark? { nil }
}

/// The failure of a call, as Lua and the terminal see it.
package struct CallFailure: OperatorError, Equatable {
  package var failureClass: FailureClass
  package var mark: FailureMark?
  package var code: String
  package var message: String
  package var hint: String?
  /// Where in the script the call stood, innermost line first; empty until Lua adds it.
  package var trace: [String]
  /// The exit code of what this ended, where it is not that of the class: rolled back, or a budget breached.
  package var ending: ExitCode?

  package init(
    _ failureClass: FailureClass,
    _ mark: FailureMark? = nil,
    code: String,
    message: String,
    hint: String? = nil,
    trace: [String] = [],
    ending: ExitCode? = nil
  ) {
    self.failureClass = failureClass
    self.mark = mark
    self.code = code
    self.message = message
    self.hint = hint
    self.trace = trace
    self.ending = ending
  }

  /// Erases a typed error and keeps its class, code, message and hint.
  package init(_ error: some OperatorError) {
    if let failure = error as? CallFailure {
      self = failure
    } else {
      self.init(error.failureClass, error.mark, code: error.code, message: error.message, hint: error.hint)
    }
  }

  /// Erases any error; one without a code of its own becomes `internal.error`.
  package init(anyError error: any Error) {
    if let error = error as? any OperatorError {
      self.init(error)
    } else if error is CancellationError {
      self = .cancelled
    } else {
      self.init(.defect, code: "internal.error", message: "unexpected error: \(error)")
    }
  }

  /// The failure of a call that was cancelled while it waited.
  package static let cancelled = CallFailure(.cancelled, .cancelled, code: "call.cancelled", message: "cancelled")
}

extension CallFailure {
  /// Whether a change may have happened although the call failed (DESIGN section 6, outcome classes).
  package var leavesUnknown: Bool { failureClass == .unknownOutcome || mark == .unrecorded }

  /// Whether the journal or the lock failed, not what was to be recorded: the run cannot continue.
  package var isOfJournal: Bool { failureClass == .journal || mark == .lockLost }

  /// Whether this machine could not send it, so that neither the host nor what was to be done there is to blame.
  package var isLocal: Bool { mark == .local && failureClass == .refused }

  /// Whether somebody gave it up: the call, or the whole run.
  package var isGivenUp: Bool { failureClass == .cancelled || mark == .cancelled }

  /// Whether somebody stopped it with Ctrl-C, so that what was sent may still be at work.
  package var isStop: Bool { mark == .cancelled || mark == .interrupted }

  /// The same failure of the journal, after a change was sent.
  var unrecorded: CallFailure {
    var failure = self
    failure.mark = .unrecorded
    return failure
  }

  /// The same failure of a run that ended with this exit code.
  package func ending(_ code: ExitCode) -> CallFailure {
    var failure = self
    failure.ending = ExitCode(failure: self) == code ? ending : code
    return failure
  }

  /// The same failure of a call that only looks: without an answer nothing has changed.
  package var ofLook: CallFailure {
    guard failureClass == .unknownOutcome else { return self }
    var failure = self
    failure.failureClass = .unavailable
    return failure
  }

  /// The same failure of a look that came after a change was sent: that the look failed proves nothing about the change.
  package var afterChange: CallFailure {
    guard failureClass == .unavailable || failureClass == .cancelled || isLocal else { return self }
    var failure = self
    // A look that was not sent tells nothing about the change.
    if isLocal { failure.mark = nil }
    failure.failureClass = .unknownOutcome
    return failure
  }
}

extension CallFailure {
  /// What a body answers or throws: a typed error does not pass through `withValue`; its result does.
  package static func result<Answer: Sendable>(
    _ body: () async throws(CallFailure) -> Answer
  ) async -> Result<Answer, CallFailure> {
    do throws(CallFailure) {
      return .success(try await body())
    } catch {
      return .failure(error)
    }
  }
}
