import Foundations
import HostScript
package import PrimitiveKit

/// What one host answered to a command.
package struct CommandReport: Record, Codable, Sendable, Equatable {
  package let host: String
  /// `finished`, `failed`, `unreachable`, `timed out`, `unknown` or `not run`.
  ///
  /// A host on which it failed was reached and could not begin it.
  package let state: String
  package let status: Int?
  package let signal: String?
  package let output: [UInt8]
  package let errorOutput: [UInt8]
  package let dropped: Int
  package let detail: String
  package var seconds: Double
  /// Whether it has ended and something that it started runs on there.
  var leftRunning = false
  /// Bytes of each stream that are kept.
  static var limit: Int { 1 << 20 }
  /// What to try, where there is no status.
  var hint: String?
  /// True where a fault of this machine kept it from being sent; else nil.
  var isUnsent: Bool?

  package static var luaType: String { "fleet.CommandResult" }
  package static let columns: [Column<Self>] = [
    Column(\.host, "host", "Name"),
    Column(\.isOK, "ok", "Whether it finished with status 0"),
    Column(\.state, "state", "finished, failed, unreachable, timed out, unknown or not run"),
    Column(\.status, "status", "Exit status"),
    Column(\.signal, "signal", "Signal that ended it, or that its status names (128 and its number)"),
    Column("output", "Standard output, at most 1 MiB", type: "string") { CommandReport.text($0.output) },
    Column("error_output", "Standard error, at most 1 MiB", type: "string") { CommandReport.text($0.errorOutput) },
    Column("seconds", "How long it took") { ($0.seconds * 1000).rounded() / 1000 },
    Column(\.detail, "detail", "Why there is no status"),
  ]

  package var isOK: Bool { state == "finished" && status == 0 }

  init(host: String, _ result: CommandResult) {
    self.host = host
    state = "finished"
    status = result.status
    signal = result.signal ?? result.status.flatMap(HostOutput.Ending.signal)
    output = result.output
    errorOutput = result.errorOutput
    dropped = result.dropped
    leftRunning = result.leftRunning
    let dropped = result.dropped > 0 ? ["\(result.dropped.counted("byte")) of output dropped"] : []
    detail = ((result.leftRunning ? [HostOutput.leftRunningNote] : []) + dropped).joined(separator: "; ")
    seconds = result.duration.seconds
  }

  /// A command that only looks and was not done in time, with what it had answered by then.
  init(host: String, _ failure: CallFailure, got: CommandResult?, after limit: Duration) {
    let output = got?.output ?? []
    let errors = got?.errorOutput ?? []
    self.init(
      host: host,
      state: "timed out",
      output: output,
      errorOutput: errors,
      detail: failure.reason(on: host),
      seconds: (got?.duration ?? limit).seconds
    )
  }

  init(host: String, _ answer: ExecAnswer) {
    self.host = host
    state = "finished"
    status = answer.status
    signal = HostOutput.Ending.signal(of: answer.status)
    output = answer.output
    errorOutput = answer.errorOutput
    dropped = answer.dropped
    detail =
      !answer.isKept
      ? "the host no longer has its output"
      : answer.dropped > 0 ? "\(answer.dropped.counted("byte")) of output dropped" : ""
    seconds = answer.seconds
  }

  init(
    host: String,
    state: String,
    status: Int? = nil,
    signal: String? = nil,
    output: [UInt8] = [],
    errorOutput: [UInt8] = [],
    detail: String,
    seconds: Double = 0
  ) {
    self.host = host
    self.state = state
    self.status = status
    self.signal = signal
    self.output = output
    self.errorOutput = errorOutput
    dropped = 0
    self.detail = detail
    self.seconds = seconds
  }

  init(host: String, _ failure: CallFailure) {
    let state =
      switch failure.failureClass {
      case _ where failure.mark == .timedOut: "timed out"
      case _ where failure.leavesUnknown: "unknown"
      case .refused, .cancelled, .journal, .invalid, .usage: "not run"
      default: failure.reportedState
      }
    // The group names its hosts; a reason without the name folds with those of other hosts.
    self.init(host: host, state: state, detail: failure.reason(on: host))
    hint = failure.hint
    if failure.isLocal { isUnsent = true }
  }

  /// The report for the grouped display; `address` names what to leave out, so that one reason folds for many hosts.
  func grouped(without address: HostAddress?) -> HostOutput {
    var detail = detail
    if let address {
      let places = [" at [\(address.address)]:\(address.port)", " at \(address.address)"]
      detail = detail.beginning(without: host).without(places)
    }
    let how: HostOutput.State =
      switch state {
      case "finished": .finished(status.map { .exit($0) } ?? .signal(signal ?? "unknown"))
      case "timed out": .timedOut
      case "unknown": .unknown(detail)
      case "not run": .notRun(detail)
      case "failed": .failed(detail)
      default: .unreachable(detail)
      }
    var shown = HostOutput(host: host, state: how, stdout: output, stderr: errorOutput, dropped: dropped)
    shown.leftRunning = leftRunning
    return shown
  }

  private static func text(_ bytes: [UInt8]) -> Value {
    String(validating: bytes, as: UTF8.self).map(Value.string) ?? .bytes(bytes)
  }
}

/// What a command on hosts answers to a script.
struct CommandAnswer: Answered, Sendable {
  let value: Value

  static var luaType: String { [CommandReport].luaType }
  static var fields: [FieldInfo] { [CommandReport].fields }

  /// The answer of a dry run, which does not run it.
  static func unknown(of primitive: String) -> CommandAnswer {
    let why = "the effect of a command is not known until it has run"
    return CommandAnswer(value: .unknown(Unknown(why: why, origin: primitive)))
  }
}
