package import HostScript
package import PrimitiveKit

import struct Foundation.Data

/// Runs an operator's own command on one host.
///
/// What it does is not known beforehand, so a dry run does not run it and cannot predict it. On the host it runs at most
/// once under its ticket, outlives a lost connection, and is attached to again.
package struct ExecuteCommand: Operation {
  package typealias Outcome = CommandReport
  package static let kind = "host.exec"
  /// The host never begins a ticket's command twice.
  package static let isRepeatable = true

  package let host: HostAddress
  private let command: InternedText
  private let given: InternedText
  /// The input in base64, where it is no text; then `given` is empty.
  private let raw: InternedText?
  /// Seconds.
  package let timeout: Double
  package let runtime: Runtime

  /// `line` is a shell command line, already quoted; `input` its standard input.
  package init(host: HostAddress, line: String, input: [UInt8], timeout: Double, runtime: Runtime) {
    self.host = host
    command = InternedText(line)
    let text = String(validating: input, as: UTF8.self)
    given = InternedText(text ?? "")
    raw = text == nil ? InternedText(Data(input).base64EncodedString()) : nil
    self.timeout = timeout
    self.runtime = runtime
  }

  /// The shell command line.
  package var line: String { command.text }
  /// The standard input.
  package var input: [UInt8] {
    raw.map { Data(base64Encoded: $0.text).map(Array.init) ?? [] } ?? Array(given.text.utf8)
  }
  package var target: OperationTarget { .host(host.name) }
  package var effect: Effect { .changes }
  package var summary: String { "run on \(host.name): \(line.clipped(to: 200))" }

  package static var isPredictable: Bool { false }

  package func predict(in world: World) async throws(CallFailure) -> Prediction<CommandReport> {
    .unknown(why: "the effect of a command is not known until it has run")
  }

  package var restsOn: [PredictedWorld.Thing] { [] }

  /// A command may have changed anything on its host.
  package func leave(_ outcome: CommandReport?, in world: PredictedWorld, why: String) {
    world.lose(.host(host.name), why: why)
  }

  package func perform(in world: World) async throws(CallFailure) -> CommandReport {
    guard let ticket = world.ticket else { return try await plain(in: world) }
    let payload = Array(line.utf8) + input
    let arguments = [
      "exec", "--bytes", "\(line.utf8.count)", "--sha256", SHA256(hashing: payload).hex,
      "--limit", "\(CommandReport.limit)", "--wait", "\(max(0, Int(min(timeout, 86_400)) - 1))",
    ]
    let calls = HostCalls(runtime: runtime, world: world, host: host)
    do throws(CallFailure) {
      return try await calls.execute(arguments, input: payload, timeout: .seconds(timeout), as: ticket)
    } catch {
      throw explained(error, ticket)
    }
  }

  /// Waits for the end of the command, where it was begun.
  package func probe(in world: World) async throws(CallFailure) -> Probe<CommandReport> {
    guard let ticket = world.ticket else { return .unknown(why: "a command leaves no trace of its own") }
    let calls = HostCalls(runtime: runtime, world: world, host: host)
    do throws(CallFailure) {
      return .done(try await calls.attach(to: ticket, timeout: .seconds(timeout)))
    } catch {
      switch error.mark {
      // The host kept that it could not begin; asked again, it says so again.
      case .notBegun, .notKept: return .notDone
      case nil where error.leavesUnknown: return .unknown(why: error.reason(on: host.name))
      default: throw explained(error, ticket)
      }
    }
  }

  package func inverse(of outcome: CommandReport) -> (any Operation)? { nil }

  package func shortfall(in outcome: CommandReport) -> CallFailure? {
    guard let part = PartialChange.Part(outcome, isChange: true) else { return nil }
    return CallFailure(.failed, code: "change.failed", message: "\(part.name): \(part.why)")
  }

  /// Outside a run: nobody comes back for it.
  private func plain(in world: World) async throws(CallFailure) -> CommandReport {
    do {
      let request = CommandRequest(
        line: line,
        input: input,
        timeout: .seconds(timeout),
        effect: .changes
      )
      return CommandReport(host: host.name, try await world.service(Hosts.self).execute(request, on: host))
    } catch {
      throw CallFailure(error)
    }
  }

  private func explained(_ failure: CallFailure, _ ticket: Ticket) -> CallFailure {
    var failure = failure
    switch failure.mark {
    case .timedOut:
      failure.hint =
        "it is still running there; `fleet.abort{ on = \"\(host.name)\", run = \"\(ticket.run)\" }` ends it"
    case .notKept:
      failure.hint =
        "opsh stores a command on the host before running it; safe=true skips that, and the command may run twice"
    default: break
    }
    return failure
  }
}
