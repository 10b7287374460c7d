package import Foundations
package import PrimitiveKit
import Subprocess

/// Runs commands on this machine, through the same shell syntax as a login over SSH.
package struct LocalTransport: Transport {
  private let places: Places

  /// As many commands run at once as there are `places`; the others wait.
  package init(places: Places = OpenFiles.childPlaces) { self.places = places }

  package func execute(_ request: CommandRequest, on host: HostAddress) async throws(TransportError) -> CommandResult {
    let length = request.line.utf8.count
    if length > CommandLimit.argument {
      throw .tooLong(host: host.name, bytes: length, limit: CommandLimit.argument)
    }
    let lines = request.onLine.map { LineSplitter(sink: $0) }
    let arguments = ["-c", LocalTransport.login, "opsh-local", request.line, request.mark ?? ""]
    var child = Subprocess(path: "/bin/sh", arguments: arguments)
    if request.mark != nil { child.drain = .seconds(1) }
    child.input = request.input
    child.timeout = request.timeout
    child.outputLimit = request.outputLimit
    if let lines { child.onOutput = { lines.feed($0) } }
    // As with channels of a host: the time of a command runs once it is its turn.
    guard let place = await places.take() else { throw .cancelled(host: host.name, effectPossible: false) }
    defer { withExtendedLifetime(place) {} }
    let clock = ContinuousClock()
    let start = clock.now
    let ending: Subprocess.Ending
    do {
      ending = try await child.run()
    } catch {
      let fault = LocalFault(error.code)
      let reason = "\(error.path): \(fault?.reason ?? error.reason)"
      throw .local(host: host.name, reason: reason, hint: fault?.hint)
    }
    lines?.finish()
    if ending.cancelled { throw .cancelled(host: host.name, effectPossible: true) }
    var result = CommandResult(
      status: ending.status.map(Int.init),
      signal: ending.signal.map { "\($0)" },
      output: ending.output,
      errorOutput: ending.errorOutput,
      dropped: ending.dropped,
      duration: clock.now - start
    )
    result.leftRunning = ending.leftRunning
    if ending.timedOut, let timeout = request.timeout {
      let hasOutput = !result.output.isEmpty || !result.errorOutput.isEmpty
      throw .timedOut(host: host.name, after: timeout, got: hasOutput ? result : nil)
    }
    return result
  }

  /// Starts in the home directory, as a login does, also where the environment names none.
  private static let login = """
    HOME=${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}
    export HOME
    cd "$HOME" || exit 1
    [ -z "$2" ] || { OPSH_RUN=$2; export OPSH_RUN; }
    exec sh -c "$1"
    """

  package func put(_ file: FileUpload, on host: HostAddress) async throws(TransportError) {
    try file.check(try await execute(file.request, on: host), on: host)
  }
}
