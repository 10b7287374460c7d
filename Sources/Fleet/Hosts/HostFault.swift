import PrimitiveKit

/// What the host script means by the word of its error line.
///
/// A word that a newer script may say is a failure like any other.
struct HostFault {
  let failureClass: FailureClass
  var mark: FailureMark?
  /// What to do about it.
  var hint: String?
  /// The host could not take a file that was sent to its place.
  var isOfPlacement = false

  init(_ word: String) {
    switch word {
    case "host.stale_epoch":
      (failureClass, mark) = (.refused, .lockLost)
      hint = "another run took over the lock; `locks()` shows which one"
    case "host.epoch_tied":
      (failureClass, mark) = (.refused, .lockLost)
      hint = "run it again: the next lock has a newer epoch"
    case "host.epoch_ahead":
      failureClass = .refused
      hint = "correct the wrong clock; `lock.reset_epoch` repairs hosts left with a wrong epoch"
    case "host.epoch_damaged":
      failureClass = .refused
      hint = "repair it with `lock.reset_epoch`"
    case "host.write_failed":
      (failureClass, mark) = (.refused, .notKept)
      hint = "free space on the host, or make its home writable"
    case "host.no_run": (failureClass, mark) = (.refused, .notBegun)
    case "host.locked", "host.epoch_changed", "host.input_cut", "host.tool_missing", "host.run_differs",
      "host.command_too_long":
      failureClass = .refused
    case "host.drift": (failureClass, mark) = (.refused, .unreadable)
    case "host.run_died": failureClass = .unknownOutcome
    case "host.usage": failureClass = .defect
    case "host.script_failed": (failureClass, mark) = (.failed, .unreadable)
    case "host.place_failed": (failureClass, isOfPlacement) = (.failed, true)
    default: failureClass = .failed
    }
  }
}

extension CallFailure {
  /// The message without the host it begins with, for places that name the host already.
  func reason(on host: String) -> String {
    for prefix in ["\(host) cannot be reached: ", "\(host): "] where message.hasPrefix(prefix) {
      return String(message.dropFirst(prefix.count))
    }
    return message
  }
}
