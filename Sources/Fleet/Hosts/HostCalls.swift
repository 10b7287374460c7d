import HostScript
package import PrimitiveKit
package import Site

/// Calls the host script of a runtime on one host.
///
/// Reads send the script along on standard input, so they neither need nor trust what is installed there (G-02);
/// changes run the installed copy, and only when its SHA-256 is ours (R1-33).
struct HostCalls: Sendable {
  let runtime: Runtime
  let transport: any Transport
  let host: HostAddress
  /// What changes are sent with; nil outside a run.
  let ticket: Ticket?

  init(runtime: Runtime, world: World, host: HostAddress) {
    self.runtime = runtime
    transport = world.service(Hosts.self)
    ticket = world.ticket
    self.host = host
  }

  /// Runs a verb that only looks and answers its lines.
  ///
  /// A recording keeps what `recorded` leaves of it. Throws `host.unreachable` and the like, `host.bad_answer`, and the
  /// script's own `error` line.
  func read(
    _ arguments: [String],
    timeout: Duration = .seconds(30),
    recorded: (@Sendable ([UInt8]) -> [UInt8])? = nil
  ) async throws(CallFailure) -> [HostLine] {
    do throws(CallFailure) {
      return try lines(try await ask(arguments, timeout: timeout, recorded: recorded))
    } catch {
      throw error.ofLook
    }
  }

  /// Runs a verb that only looks and answers what it printed.
  func ask(
    _ arguments: [String],
    timeout: Duration,
    outputLimit: Int = 1 << 20,
    recorded: (@Sendable ([UInt8]) -> [UInt8])? = nil
  ) async throws(CallFailure) -> CommandResult {
    var request = CommandRequest(
      line: "sh -s -- \(ShellQuote.line(arguments))",
      input: Array(runtime.script.text.utf8),
      timeout: timeout,
      effect: .reads,
      outputLimit: outputLimit
    )
    request.recorded = recorded
    return try await send(request)
  }

  /// Runs a verb that changes something at once and needs neither a ticket nor what is installed: a fence, or an end.
  func tell(_ arguments: [String], timeout: Duration) async throws(CallFailure) -> [HostLine] {
    try lines(
      try await send(
        CommandRequest(
          line: "sh -s -- \(ShellQuote.line(arguments))",
          input: Array(runtime.script.text.utf8),
          timeout: timeout,
          effect: .changes
        )
      )
    )
  }

  /// Runs a verb that changes something with the installed script, under the ticket.
  ///
  /// A non-zero status with result lines is an answer; without any it throws what the script said.
  func change(
    _ arguments: [String],
    timeout: Duration,
    onLine: (@Sendable (HostLine) -> Void)? = nil
  ) async throws(CallFailure) -> [HostLine] {
    var request = CommandRequest(
      line: runtime.script.commandLine(arguments + (ticket?.arguments ?? [])),
      timeout: timeout,
      effect: .changes
    )
    if let onLine {
      request.onLine = { text in
        if let line = try? HostLine(parsing: text) { onLine(line) }
      }
    }
    return try lines(try await send(request), isChange: true)
  }

  func send(_ request: CommandRequest) async throws(CallFailure) -> CommandResult {
    do {
      return try await transport.execute(request, on: host)
    } catch {
      throw CallFailure(error)
    }
  }

  /// What the script said, a line each; a non-zero status without result lines is a failure.
  ///
  /// A change whose script was killed goes on in its worker, or stopped somewhere: only another look can tell.
  func lines(_ result: CommandResult, isChange: Bool = false) throws(CallFailure) -> [HostLine] {
    let text = String(decoding: result.output, as: UTF8.self)
    var lines: [HostLine] = []
    for line in text.split(separator: "\n") {
      do {
        lines.append(try HostLine(parsing: String(line)))
      } catch {
        throw CallFailure(FleetError.badHostAnswer(host: host.name, text: String(line.prefix(120))))
      }
    }
    let isKilled = isChange && (result.status ?? 255) > 128 && !lines.contains { $0.kind == .error }
    if isKilled {
      throw CallFailure(FleetError.scriptFailed(host: host.name, code: "run_died", message: ending(of: result)))
    }
    if result.status == 0 || lines.contains(where: { $0.kind == .result }) { return lines }
    if result.status == Int(HostScript.missingStatus) || result.status == Int(HostScript.driftStatus) {
      throw CallFailure(FleetError.drifted(host: host.name, missing: result.status == Int(HostScript.missingStatus)))
    }
    if let error = lines.last(where: { $0.kind == .error }) {
      throw CallFailure(
        FleetError.scriptFailed(
          host: host.name,
          code: error["code"] ?? "script_failed",
          message: error["message"] ?? "the host script stopped early"
        )
      )
    }
    throw CallFailure(FleetError.scriptFailed(host: host.name, code: "script_failed", message: ending(of: result)))
  }

  /// Seconds that a change waits for another one, such as a command, to leave the host.
  static var patience: Int { 15 }

  private func ending(of result: CommandResult) -> String {
    let how = result.status.map { "status \($0)" } ?? "signal \(result.signal ?? "unknown")"
    let said = String(decoding: result.errorOutput.suffix(200), as: UTF8.self).split(separator: "\n").last
    guard let said else { return "the host script ended with \(how)" }
    return "the host script ended with \(how): \(said)"
  }
}

extension Host {
  /// Where transports find it; a host without a user is logged in to as the user who runs opsh.
  package var hostAddress: HostAddress { hostAddress(defaultUser: LoginName.current) }
}
