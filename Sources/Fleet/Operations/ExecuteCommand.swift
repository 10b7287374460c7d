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
  /// The standard input; nil for none.
  package let input: SealedText?
  /// The variables that the command gets, in the order of their names; nil for none.
  package let variables: [SealedVariable]?
  /// Seconds.
  package let timeout: Double
  package let runtime: Runtime
  // The input as earlier versions wrote it down: as a text, or in base64 where it is none.
  private let given: InternedText?
  private let raw: InternedText?

  /// `line` is a shell command line, already quoted.
  package init(
    host: HostAddress,
    line: String,
    input: SealedText? = nil,
    variables: [SealedVariable] = [],
    timeout: Double,
    runtime: Runtime
  ) {
    self.host = host
    command = InternedText(line)
    self.input = input
    self.variables = variables.isEmpty ? nil : variables
    self.timeout = timeout
    self.runtime = runtime
    (given, raw) = (nil, nil)
  }

  /// The shell command line.
  package var line: String { command.text }
  package var target: OperationTarget { .host(host.name) }
  package var effect: Effect { .changes }
  package var summary: String { "run on \(host.name): \(line.clipped(to: 200))\(handed)" }

  /// What it is handed that no plan shows, in words.
  private var handed: String {
    var words = (variables ?? []).map { "\($0.name)=\($0.text.words)" }
    if let secret = input?.secret { words.append("\(secret.secret) as input") }
    return words.isEmpty ? "" : " (with \(words.joined(separator: ", ")))"
  }

  private func standardInput(in world: World) async throws(CallFailure) -> [UInt8] {
    if let raw { return Data(base64Encoded: raw.text).map(Array.init) ?? [] }
    if let given { return Array(given.text.utf8) }
    return try await input?.open(in: world, for: summary) ?? []
  }

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
    let input = try await standardInput(in: world)
    let isPrivate = self.input?.secret != nil || variables != nil
    let limits = [
      "--limit", "\(CommandReport.limit)", "--wait", "\(max(0, Int(min(timeout, 86_400)) - 1))",
    ]
    let payload: [UInt8]
    let arguments: [String]
    if isPrivate {
      // Neither the words of the script nor what it keeps of the run say anything of it, not even how long it is.
      let environment = try await exports(in: world)
      let content = Array(line.utf8) + environment + input
      let sizes = "\(SHA256(hashing: content).hex) \(line.utf8.count) \(environment.count)\n"
      payload = Array(sizes.utf8) + content
      arguments = ["exec", "--private"] + limits
    } else {
      payload = Array(line.utf8) + input
      arguments = ["exec", "--bytes", "\(line.utf8.count)", "--sha256", SHA256(hashing: payload).hex] + limits
    }
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

  /// What sets the variables, for a shell.
  private func exports(in world: World) async throws(CallFailure) -> [UInt8] {
    var text: [UInt8] = []
    for variable in variables ?? [] {
      let value = try await variable.text.open(in: world, for: summary)
      guard !value.contains(0), value.count < SealedVariable.limit else {
        throw CallFailure(
          .invalid,
          code: "command.variable",
          message: "the variable \(variable.name) cannot hold \(variable.text.words): "
            + (value.contains(0) ? "it has a NUL byte" : "it is longer than \(SealedVariable.limit) bytes"),
          hint: "give it as `input`"
        )
      }
      text += Array("export \(variable.name)='".utf8)
      for byte in value { text += byte == UInt8(ascii: "'") ? Array("'\\''".utf8) : [byte] }
      text += Array("'\n".utf8)
    }
    return text
  }

  /// Outside a run: nobody comes back for it.
  private func plain(in world: World) async throws(CallFailure) -> CommandReport {
    guard variables == nil else {
      throw CallFailure(.defect, code: "internal.error", message: "variables are set by a run alone: \(summary)")
    }
    let input = try await standardInput(in: world)
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
