package import HostScript
package import PrimitiveKit

/// Puts the host script of a runtime on a host, under the name of its SHA-256 (R1-33).
package struct InstallHostScript: Operation {
  package typealias Outcome = String
  package static let kind = "host.script.install"

  package let host: HostAddress
  package let runtime: Runtime

  package var target: OperationTarget { .file(runtime.script.remotePath.plain, host: host.name) }
  package var effect: Effect { .changes }
  package var summary: String { "install the host script \(runtime.script.sha256.prefix(12)) on \(host.name)" }

  /// Whether exactly this script lies on the host already.
  func isInstalled(in world: World) async throws(CallFailure) -> Bool {
    try await installedDigest(in: world) == runtime.script.sha256
  }

  package func predict(in world: World) async throws(CallFailure) -> Prediction<String> {
    .exact(runtime.script.sha256)
  }

  package var restsOn: [PredictedWorld.Thing] { [] }

  /// Nothing else looks at it; that it was predicted its caller sees (`Run.hasPredicted`).
  package func leave(_ outcome: String?, in world: PredictedWorld, why: String) {}

  package func perform(in world: World) async throws(CallFailure) -> String {
    let request = CommandRequest(
      line: ShellQuote.line(runtime.script.installation(lease: world.ticket?.lease ?? [])),
      input: Array(runtime.script.text.utf8),
      timeout: .seconds(60),
      effect: .changes
    )
    let calls = HostCalls(runtime: runtime, world: world, host: host)
    let result = try await calls.send(request)
    if result.status == Int(HostScript.driftStatus) || result.output.isEmpty && result.status != 0 {
      let said =
        String(decoding: result.errorOutput.prefix(200), as: UTF8.self)
        .split(separator: "\n").last.map(String.init) ?? "status \(result.status ?? -1)"
      throw CallFailure(TransportError.rejected(host: host.name, path: runtime.script.remotePath.plain, reason: said))
    }
    _ = try calls.lines(result)
    let digest: String?
    do throws(CallFailure) {
      digest = try await installedDigest(in: world)
    } catch {
      throw error.afterChange
    }
    guard digest == runtime.script.sha256 else {
      throw CallFailure(
        FleetError.scriptFailed(
          host: host.name,
          code: "drift",
          message: "the host script differs right after it was written"
        )
      )
    }
    return runtime.script.sha256
  }

  package func probe(in world: World) async throws(CallFailure) -> Probe<String> {
    try await isInstalled(in: world) ? .done(runtime.script.sha256) : .notDone
  }

  /// Nothing refers to an unused script, so it may stay.
  package func inverse(of outcome: String) -> (any Operation)? { nil }

  /// The SHA-256 of what lies there; nil when nothing does.
  func installedDigest(in world: World) async throws(CallFailure) -> String? {
    let request = CommandRequest(
      line: "sha256sum < \(runtime.script.remotePath.word) 2>/dev/null",
      timeout: .seconds(30),
      effect: .reads
    )
    do {
      let result = try await world.service(Hosts.self).execute(request, on: host)
      let text = String(decoding: result.output, as: UTF8.self)
      return result.status == 0 ? text.split(separator: " ").first.map(String.init) : nil
    } catch {
      throw CallFailure(error)
    }
  }
}
