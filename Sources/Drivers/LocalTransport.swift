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
    let arguments = ["-c", LocalTransport.login, "opsh-local", request.line, request.mark ?? ""]
    let child = Subprocess(path: "/bin/sh", arguments: arguments)
    let (ending, duration) = try await child.run(request, on: host, as: "/bin/sh", places: places)
    var result = CommandResult(
      status: ending.status.map(Int.init),
      signal: ending.signal.map { "\($0)" },
      output: ending.output,
      errorOutput: ending.errorOutput,
      dropped: ending.dropped,
      duration: duration
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
