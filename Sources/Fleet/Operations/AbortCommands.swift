package import HostScript
package import PrimitiveKit

/// Ends what commands of a run still do on one host.
package struct AbortCommands: Operation {
  package typealias Outcome = String
  package static let kind = "host.abort"
  /// What is ended is ended.
  package static let isRepeatable = true
  package static let lane = Lane.stop

  package let host: HostAddress
  /// The id of the run that began them.
  package let run: String
  /// Seconds they have to end by themselves.
  package let grace: Int
  package let runtime: Runtime

  package var target: OperationTarget { .host(host.name) }
  package var effect: Effect { .changes }
  package var summary: String { "end the commands of run \(run) on \(host.name)" }

  package func predict(in world: World) async throws(CallFailure) -> Prediction<String> {
    .unknown(why: "whether a command is still running is not known until it is ended")
  }

  package var restsOn: [PredictedWorld.Thing] { [] }

  /// It ends commands, and they may have changed anything already.
  package func leave(_ outcome: String?, in world: PredictedWorld, why: String) {
    world.lose(.host(host.name), why: why)
  }

  /// Answers `stopped`, or `unchanged` where no command of the run was at work.
  package func perform(in world: World) async throws(CallFailure) -> String {
    let calls = HostCalls(runtime: runtime, world: world, host: host)
    do throws(CallFailure) {
      let lines = try await calls.tell(["kill", "--run", run, "--stop", "\(grace)"], timeout: .seconds(30 + grace))
      let result = lines.last { $0.kind == .result }
      if let detail = result?["detail"], result?["outcome"] == "failed" {
        throw CallFailure(FleetError.scriptFailed(host: host.name, code: "kill_failed", message: detail))
      }
      return result?["outcome"] ?? "unchanged"
    } catch {
      guard error.mark == .notBegun else { throw error }
      return "unchanged"
    }
  }

  package func probe(in world: World) async throws(CallFailure) -> Probe<String> {
    .unknown(why: "a command that was ended leaves no trace of who ended it")
  }

  package func inverse(of outcome: String) -> (any Operation)? { nil }
}
