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
    case .alreadyOpen: "another line editor of this process is using the terminal"
    case .failed: "reading from the terminal failed"
    case .cancelled: "the prompt was cancelled"
    case .closed: "the prompt is closed"
    case .notInteractive(let question): "no terminal to answer \"\(question)\""
    case .interruptsTaken: "another monitor of this process is watching Ctrl-C"
    }
  }

  package var hint: String? {
    switch self {
    case .unusable: "check `echo $TERM` and `stty -a`"
    case .notInteractive: "run it at a terminal, or answer on the command line with `--yes`"
    case .alreadyOpen, .failed, .cancelled, .closed, .interruptsTaken: nil
    }
  }
}
