package import PrimitiveKit

/// Runs an operator's own command on one host.
///
/// What it does is not known beforehand, so a dry run does not run it and cannot predict it.
package struct ExecuteCommand: Operation {
  package typealias Outcome = CommandReport
  package static let kind = "host.exec"

  package let host: HostAddress
  /// The shell command line, already quoted.
  package let line: String
  package let input: String
  /// Seconds.
  package let timeout: Double

  package var target: OperationTarget { .host(host.name) }
  package var effect: Effect { .changes }
  package var summary: String { "run on \(host.name): \(line)" }

  package func predict(in world: World) async throws(CallFailure) -> Prediction<CommandReport> {
    .unknown(why: "what a command does is not known before it ran")
  }

  package func perform(in world: World) async throws(CallFailure) -> CommandReport {
    do {
      let request = CommandRequest(
        line: line,
        input: Array(input.utf8),
        timeout: .seconds(timeout),
        effect: .changes
      )
      return CommandReport(host: host.name, try await world.transport.execute(request, on: host))
    } catch {
      throw CallFailure(error)
    }
  }

  package func probe(in world: World) async throws(CallFailure) -> Probe<CommandReport> {
    .unknown(why: "a command leaves no trace of its own")
  }

  package func inverse(of outcome: CommandReport) -> (any Operation)? { nil }
}
