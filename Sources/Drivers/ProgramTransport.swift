package import Foundations
package import PrimitiveKit
import Subprocess

/// Runs commands through a program of this machine that reaches the host, as a plugin declares it.
///
/// The shell there says on standard error when it begins and how the command ended, so that whatever the program says or
/// exits with, it is known whether anything can have happened.
package struct ProgramTransport: Transport {
  private let program: TransportProgram
  private let places: Places

  /// As many commands run at once as there are `places`; the others wait.
  package init(program: TransportProgram, places: Places = OpenFiles.childPlaces) {
    self.program = program
    self.places = places
  }

  package func put(_ file: FileUpload, on host: HostAddress) async throws(TransportError) {
    try file.check(try await execute(file.request, on: host), on: host)
  }

  package func execute(_ request: CommandRequest, on host: HostAddress) async throws(TransportError) -> CommandResult {
    let frame = CommandFrame(word: "opsh-\(String(UInt64.random(in: 0 ... .max), radix: 36))")
    let command = LoginLine.line(frame.script(request.lineThere, mark: request.mark))
    if command.utf8.count > CommandLimit.argument {
      let bytes = request.line.utf8.count
      let sent = bytes > CommandLimit.argument ? nil : command.utf8.count
      throw .tooLong(host: host.name, bytes: bytes, limit: CommandLimit.argument, sent: sent)
    }
    let words = program.arguments(for: host, command: command)
    // A name without a slash is looked for on the PATH.
    let lookUp = words[0].contains("/") ? words : ["/usr/bin/env"] + words
    var child = Subprocess(path: lookUp[0], arguments: Array(lookUp.dropFirst()))
    child.leavesTerminal = true
    let (ending, duration) = try await child.run(request, on: host, as: words[0], places: places)
    return try result(of: ending, request, frame, words[0], host, after: duration)
  }

  private func result(
    of ending: Subprocess.Ending,
    _ request: CommandRequest,
    _ frame: CommandFrame,
    _ name: String,
    _ host: HostAddress,
    after duration: Duration
  ) throws(TransportError) -> CommandResult {
    let said = frame.read(ending.errorOutput)
    var result = CommandResult(
      status: said.status,
      output: ending.output,
      errorOutput: said.text,
      dropped: ending.dropped,
      duration: duration
    )
    result.leftRunning = ending.leftRunning
    if ending.timedOut, let timeout = request.timeout {
      let hasOutput = !result.output.isEmpty || (said.hasBegun && !result.errorOutput.isEmpty)
      throw .timedOut(host: host.name, after: timeout, got: hasOutput ? result : nil)
    }
    if said.status != nil { return result }
    let last = String(decoding: said.text.suffix(1000), as: UTF8.self).split(whereSeparator: \.isNewline).last
    let how = ending.status.map { "exited with status \($0)" } ?? "was ended by a signal"
    let reason = "\(name) \(how)" + (last.map { ": \($0.prefix(200))" } ?? "")
    // A program that was killed may have sent the command and not have got its first word back.
    guard !said.hasBegun, let status = ending.status else { throw .lost(host: host.name, reason: reason) }
    // The shell there ends with 0 whatever the command did, and a terminal mixes the streams.
    if status == 0 || frame.isTold(in: ending.output) {
      let rule = "it does not pass on standard error by itself, as a transport must"
      throw .lost(host: host.name, reason: "\(reason); \(rule)")
    }
    if lacksProgram(name, status) {
      throw .local(host: host.name, reason: reason, hint: "install \(name), or correct the plugin's transport")
    }
    throw .unreachable(host: host.name, reason: reason, hint: nil)
  }

  /// Whether env(1) said that it cannot run the program; one that is there exits so itself, for example where the far side
  /// has no shell.
  private func lacksProgram(_ name: String, _ status: Int32) -> Bool {
    !name.contains("/") && (status == 126 || status == 127) && MachinePrograms.find(name) == nil
  }
}

/// What a command is framed with on standard error: a line when it begins, and one with its status when it has ended.
struct CommandFrame {
  /// A plain word that no output has.
  let word: String

  /// What was said on standard error.
  struct Said: Equatable {
    var text: [UInt8]
    var hasBegun: Bool
    /// Nil unless the end was seen.
    var status: Int?
  }

  /// The command, started in the home directory as a login does.
  ///
  /// It ends with 0 once the command has ended, so that any other status is that of the program that was to reach the host.
  func script(_ line: String, mark: String?) -> String {
    let marked = mark.map { "OPSH_RUN=\($0); export OPSH_RUN; " } ?? ""
    return """
      printf '%s\\n' \(word)-begin >&2
      ( HOME=${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}; export HOME; cd "$HOME" || exit 1
      \(marked)exec sh -c \(ShellQuote.word(line)) )
      s=$?
      printf '\\n%s %s\\n' \(word)-end "$s" >&2
      exit 0
      """
  }

  /// Whether the command says in these bytes that it begins; a terminal may have ended the line in its own way.
  func isTold(in bytes: [UInt8]) -> Bool {
    ["\n", "\r\n"].contains { bytes.firstRange(of: Array("\(word)-begin\($0)".utf8)) != nil }
  }

  /// Takes the frame off; what stands before and after it is the program's own, and kept only where there is no frame.
  func read(_ errors: [UInt8]) -> Said {
    guard let begin = errors.firstRange(of: Array("\(word)-begin\n".utf8)) else {
      return Said(text: errors, hasBegun: isTold(in: errors), status: nil)
    }
    let rest = errors[begin.upperBound...]
    guard let end = rest.firstRange(of: Array("\n\(word)-end ".utf8)) else {
      return Said(text: Array(rest), hasBegun: true, status: nil)
    }
    let digits = rest[end.upperBound...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    return Said(
      text: Array(rest[..<end.lowerBound]),
      hasBegun: true,
      status: Int(String(decoding: digits, as: UTF8.self))
    )
  }
}
