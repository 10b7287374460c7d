import PrimitiveKit

/// What the host script means by the word of its error line.
///
/// A word that a newer script may say is a failure like any other.
struct HostFault {
  let failureClass: FailureClass
  var mark: FailureMark?

  init(_ word: String) {
    switch word {
    case "host.stale_epoch": (failureClass, mark) = (.refused, .lockLost)
    case "host.write_failed": (failureClass, mark) = (.refused, .notKept)
    case "host.no_run": (failureClass, mark) = (.refused, .notBegun)
    case "host.locked", "host.epoch_ahead", "host.input_cut", "host.tool_missing", "host.run_differs":
      failureClass = .refused
    case "host.drift": (failureClass, mark) = (.refused, .unreadable)
    case "host.run_died": failureClass = .unknownOutcome
    case "host.usage": failureClass = .defect
    case "host.script_failed": (failureClass, mark) = (.failed, .unreadable)
    default: failureClass = .failed
    }
  }
}
