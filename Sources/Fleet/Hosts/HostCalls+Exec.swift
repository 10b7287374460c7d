import HostScript
import PrimitiveKit

extension HostCalls {
  /// Runs an operator's command through the installed script, or attaches to it; answers when it has ended.
  ///
  /// Throws what `change` throws.
  func execute(
    _ arguments: [String],
    input: [UInt8],
    timeout: Duration,
    as ticket: Ticket
  ) async throws(CallFailure) -> CommandReport {
    let request = CommandRequest(
      line: runtime.script.commandLine(arguments + ticket.arguments),
      input: input,
      timeout: timeout,
      effect: .changes,
      outputLimit: HostCalls.execLimit
    )
    return try await forgetting(try await send(request), ticket)
  }

  /// Waits for the end of a command that may have been begun under a ticket.
  ///
  /// Throws `host.no_run` when it was not, and `host.run_died` when it was and its end is unknown.
  func attach(to ticket: Ticket, timeout: Duration) async throws(CallFailure) -> CommandReport {
    let result = try await ask(["--attach", ticket.token], timeout: timeout, outputLimit: HostCalls.execLimit)
    return try await forgetting(result, ticket)
  }

  /// The report; where a secret came back in it, the host is told to keep none of that output.
  private func forgetting(_ result: CommandResult, _ ticket: Ticket) async throws(CallFailure) -> CommandReport {
    var report = try report(result, ticket)
    guard result.wasMasked else { return report }
    do throws(CallFailure) {
      _ = try await tell(["forget", "--run", ticket.token], timeout: .seconds(30))
    } catch {
      report.hint =
        "a secret is in the output that the host keeps: remove ~/.opsh/runs/\(ticket.token)/exec.keep1 and exec.keep2"
    }
    return report
  }

  /// The outcome of a change that may have been begun under the world's ticket, and what it said, once it has ended.
  ///
  /// Throws why the host cannot say, such as `host.unreachable`.
  func attached(timeout: Duration) async throws(CallFailure) -> Probe<[HostLine]> {
    guard let ticket else { return .unknown(why: "it was sent without a run id") }
    let result = try await ask(["--attach", ticket.token], timeout: timeout)
    do throws(CallFailure) {
      return .done(try lines(result))
    } catch {
      switch error.mark {
      case .notBegun: return .notDone
      case nil where error.leavesUnknown: return .unknown(why: error.reason(on: host.name))
      // Then it is the look that failed.
      case .unreadable, .lockLost: throw error
      // The host kept how it ended, and says it again.
      default: return .failed(error)
      }
    }
  }

  private func report(_ result: CommandResult, _ ticket: Ticket) throws(CallFailure) -> CommandReport {
    let answer: ExecAnswer?
    do {
      answer = try ExecAnswer(result.output, token: ticket.token)
    } catch {
      throw CallFailure(error)
    }
    if let answer { return CommandReport(host: host.name, answer) }
    _ = try lines(result)
    let text = String(decoding: result.output.prefix(120), as: UTF8.self)
    throw CallFailure(FleetError.badHostAnswer(host: host.name, text: text))
  }

  /// Bytes: both streams as they are kept, and the line before them.
  private static var execLimit: Int { 2 * CommandReport.limit + 65_536 }
}
