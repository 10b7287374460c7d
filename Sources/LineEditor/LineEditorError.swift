package import PrimitiveKit

/// Why a line could not be read.
package enum LineEditorError: OperatorError, Equatable {
  /// The terminal could not be set up; the number is an `errno`.
  case unusable(reason: String)
  /// A second editor was opened while one holds the terminal.
  case alreadyOpen
  /// The terminal failed while it was read.
  case failed
  /// The reading task was cancelled.
  case cancelled
  /// The editor was closed.
  case closed
  /// A question came up and there is no terminal to ask on.
  case notInteractive(question: String)
  /// Ctrl-C is watched by another monitor already.
  case interruptsTaken

  package var failureClass: FailureClass {
    switch self {
    case .unusable, .alreadyOpen, .interruptsTaken: .unavailable
    case .failed: .failed
    case .cancelled, .closed: .cancelled
    case .notInteractive: .refused
    }
  }

  package var code: String {
    switch self {
    case .unusable: "terminal.unusable"
    case .alreadyOpen: "terminal.busy"
    case .failed: "terminal.failed"
    case .cancelled: "terminal.cancelled"
    case .closed: "terminal.closed"
    case .notInteractive: "terminal.not-interactive"
    case .interruptsTaken: "interrupts.busy"
    }
  }

  package var message: String {
    switch self {
    case .unusable(let reason): "the terminal cannot be used for editing: \(reason)"
    case .alreadyOpen: "the terminal is held by another line editor of this process"
    case .failed: "reading from the terminal failed"
    case .cancelled: "the prompt was cancelled"
    case .closed: "the prompt is closed"
    case .notInteractive(let question): "nobody can answer \"\(question)\": the input is not a terminal"
    case .interruptsTaken: "Ctrl-C is watched by another monitor of this process"
    }
  }

  package var hint: String? {
    switch self {
    case .unusable: "check `echo $TERM` and `stty -a`"
    case .notInteractive: "run it on a terminal, or give the answer on the command line (`--yes`)"
    case .alreadyOpen, .failed, .cancelled, .closed, .interruptsTaken: nil
    }
  }
}
