import Foundations

/// Why a host gave no answer.
///
/// What matters to a rollout is whether the command may have had an effect (DESIGN section 6, outcome classes).
package enum TransportError: OperatorError, Equatable {
  /// The host was not reached; nothing was sent.
  case unreachable(host: String, reason: String, hint: String?)
  /// The connection broke after the command was sent; its effect is unknown.
  case lost(host: String, reason: String)
  /// The command was still running when the time was up; its effect is unknown.
  ///
  /// `got` is what it had answered by then; nil when nothing.
  case timedOut(host: String, after: Duration, got: CommandResult? = nil)
  /// A file could not be written; the old one, if any, is untouched.
  case rejected(host: String, path: String, reason: String)
  /// A change was asked for where only reads are allowed.
  case readOnly(host: String, command: String)
  /// A replay was asked for a read that its recording does not hold.
  case notRecorded(host: String, command: String, why: String, hint: String)
  /// This machine could not send it: a limit, a right, a file of its own; the host has no part in it.
  case local(host: String, reason: String, hint: String?)
  /// The command is longer than what can be sent, in bytes; nothing was sent.
  ///
  /// `sent` is its length as it would be sent, where that is what exceeds the limit.
  case tooLong(host: String, bytes: Int, limit: Int, sent: Int? = nil)
  /// The caller gave up while the command ran.
  case cancelled(host: String, effectPossible: Bool)

  package var failureClass: FailureClass {
    switch self {
    case .unreachable: .unavailable
    case .lost, .timedOut, .cancelled(_, effectPossible: true): .unknownOutcome
    case .rejected: .failed
    case .readOnly, .local: .refused
    case .notRecorded, .tooLong: .invalid
    case .cancelled: .cancelled
    }
  }

  package var mark: FailureMark? {
    switch self {
    case .timedOut: .timedOut
    case .cancelled: .cancelled
    case .local, .tooLong: .local
    case .unreachable, .lost, .rejected, .readOnly, .notRecorded: nil
    }
  }

  package var code: String {
    switch self {
    case .unreachable: "host.unreachable"
    case .lost: "host.lost"
    case .timedOut: "host.timeout"
    case .rejected: "host.put_failed"
    case .readOnly: "host.read_only"
    case .notRecorded: "recording.missing"
    case .local: "local.fault"
    case .tooLong: "command.too_long"
    case .cancelled: "call.cancelled"
    }
  }

  package var message: String {
    switch self {
    case .unreachable(let host, let reason, _): "\(host) cannot be reached: \(reason)"
    case .lost(let host, let reason): "the connection to \(host) was lost while a command was running: \(reason)"
    case .timedOut(let host, let after, _): "\(host) did not finish within \(Int(after.seconds.rounded())) s"
    case .rejected(let host, let path, let reason): "\(path) could not be written on \(host): \(reason)"
    case .readOnly(let host, let command): "a dry run does not change \(host): \(command)"
    case .notRecorded(let host, let command, let why, _):
      "the recording has no answer from \(host) to: \(command): \(why)"
    case .local(let host, let reason, _): "\(host): nothing was sent: \(reason)"
    case .tooLong(_, let bytes, let limit, let sent): CommandLimit.words(bytes, limit, sent: sent)
    case .cancelled(let host, true): "\(host): cancelled; what was sent may still be running there"
    case .cancelled(let host, false): "\(host): cancelled before anything was sent"
    }
  }

  package var hint: String? {
    switch self {
    case .unreachable(_, _, let hint), .local(_, _, let hint): hint
    case .tooLong: CommandLimit.hint
    case .lost(let host, _), .timedOut(let host, _, _):
      "it may have taken effect; check with `fleet.status(\"\(host)\")`"
    case .rejected: "check the disk and the permissions there"
    case .notRecorded(_, _, _, let hint): hint
    case .readOnly, .cancelled: nil
    }
  }

  /// Whether the command may have changed something.
  package var effectPossible: Bool {
    switch self {
    case .unreachable, .rejected, .readOnly, .notRecorded, .local, .tooLong: false
    case .lost, .timedOut: true
    case .cancelled(_, let effectPossible): effectPossible
    }
  }
}
