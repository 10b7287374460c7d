package import PrimitiveKit

/// The outcome of a command on one host.
package struct HostOutput: Sendable, Equatable {
  /// How far it came.
  package enum State: Sendable, Hashable {
    case finished(Ending)
    /// No connection stood, so nothing can have happened.
    case unreachable(String)
    /// The host answered, and could not begin it.
    case failed(String)
    /// The time was up; the command may have had an effect.
    case timedOut
    /// The connection was lost on the way; the command may have had an effect.
    case unknown(String)
    case notRun(String)
  }

  /// How its process ended: with an exit status, or by a signal of that name.
  package enum Ending: Sendable, Hashable {
    case exit(Int)
    case signal(String)

    /// The signal behind a status of more than 128: it ended the command, or the command's shell says that one did.
    static func signal(of status: Int) -> String? { signals[status - 128] }

    /// A status, with the signal behind it.
    static func words(_ status: Int) -> String { signal(of: status).map { "\(status) (\($0))" } ?? "\(status)" }

    private static let signals = [
      1: "HUP", 2: "INT", 3: "QUIT", 4: "ILL", 6: "ABRT", 7: "BUS", 8: "FPE", 9: "KILL", 11: "SEGV", 13: "PIPE",
      14: "ALRM", 15: "TERM",
    ]
  }

  package var host: String
  package var state: State
  package var stdout: [UInt8]
  package var stderr: [UInt8]
  /// Bytes beyond the output cap that were thrown away.
  package var dropped: Int
  /// Whether it has ended and something that it started runs on there.
  package var leftRunning = false

  /// What is said of that.
  static let leftRunningNote = "a background process it started is still running there"

  package init(host: String, state: State, stdout: [UInt8] = [], stderr: [UInt8] = [], dropped: Int = 0) {
    self.host = host
    self.state = state
    self.stdout = stdout
    self.stderr = stderr
    self.dropped = dropped
  }

  /// What a command left on a host that answered.
  package init(host: String, result: CommandResult) {
    self.init(
      host: host,
      state: .finished(result.status.map(Ending.exit) ?? .signal(result.signal ?? "unknown")),
      stdout: result.output,
      stderr: result.errorOutput,
      dropped: result.dropped
    )
  }

  /// The outcome of a command when the host gave no answer.
  package init(host: String, error: TransportError) {
    let state: State =
      switch error {
      case .unreachable(_, let reason, _): .unreachable(reason)
      case .timedOut: .timedOut
      case .lost(_, let reason): .unknown(reason)
      case .cancelled(_, effectPossible: true): .unknown("cancelled while it ran")
      case .cancelled: .notRun("cancelled")
      case .rejected, .readOnly, .notRecorded, .local, .tooLong: .notRun(error.message)
      }
    self.init(host: host, state: state)
  }
}
