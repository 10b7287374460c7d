package import PrimitiveKit
import Subprocess

/// Runs commands on this machine, through the same shell syntax as a login over SSH.
package struct LocalTransport: Transport {
  package init() {}

  package func execute(_ request: CommandRequest, on host: HostAddress) async throws(TransportError) -> CommandResult {
    let lines = request.onLine.map { LineSplitter(sink: $0) }
    var child = Subprocess(path: "/bin/sh", arguments: ["-c", LocalTransport.login, "opsh-local", request.line])
    child.input = request.input
    child.timeout = request.timeout
    child.outputLimit = request.outputLimit
    if let lines { child.onOutput = { lines.feed($0) } }
    let clock = ContinuousClock()
    let start = clock.now
    let ending: Subprocess.Ending
    do {
      ending = try await child.run()
    } catch {
      throw .unreachable(host: host.name, reason: "\(error.path): \(error.reason)", hint: nil)
    }
    lines?.finish()
    if ending.cancelled { throw .cancelled(host: host.name, effectPossible: true) }
    if ending.timedOut, let timeout = request.timeout { throw .timedOut(host: host.name, after: timeout) }
    return CommandResult(
      status: ending.status.map(Int.init),
      signal: ending.signal.map { "\($0)" },
      output: ending.output,
      errorOutput: ending.errorOutput,
      dropped: ending.dropped,
      duration: clock.now - start
    )
  }

  /// Starts in the home directory, as a login does, also where the environment names none.
  private static let login = """
    HOME=${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}
    export HOME
    cd "$HOME" || exit 1
    exec sh -c "$1"
    """

  /// Writes the way SFTP does: a temporary file in the same directory, synced, renamed.
  package func put(_ file: FileUpload, on host: HostAddress) async throws(TransportError) {
    let path = file.path.word
    let temporary = file.path.beside("\(UInt64.random(in: 0 ... .max))").word
    let mode = String(file.mode, radix: 8)
    let script = """
      umask 077
      trap 'rm -f \(temporary)' EXIT
      cat > \(temporary) && chmod \(mode) \(temporary) && sync \(temporary) && mv -f \(temporary) \(path)
      """
    let request = CommandRequest(
      line: script,
      input: file.content,
      timeout: .seconds(120),
      effect: .changes
    )
    let result = try await execute(request, on: host)
    guard result.status == 0 else {
      let said = String(decoding: result.errorOutput.prefix(200), as: UTF8.self)
      throw .rejected(host: host.name, path: file.path.plain, reason: said.isEmpty ? "it could not be written" : said)
    }
  }
}
