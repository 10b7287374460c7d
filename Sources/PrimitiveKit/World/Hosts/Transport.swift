/// Reaches hosts: runs commands there and puts files.
package protocol Transport: Sendable {
  /// Runs a command and waits for its end.
  ///
  /// A non-zero exit is a result, not an error.
  func execute(_ request: CommandRequest, on host: HostAddress) async throws(TransportError) -> CommandResult

  /// Writes a file under a temporary name, makes it durable and renames it into place.
  func put(_ file: FileUpload, on host: HostAddress) async throws(TransportError)
}

/// Where and how a host is reached.
package struct HostAddress: Sendable, Hashable, Codable {
  /// How a transport is named in the site file: one of opsh, or one of a plugin.
  package struct Kind: RawRepresentable, Sendable, Hashable, Codable {
    package static let ssh = Kind(rawValue: "ssh")
    package static let local = Kind(rawValue: "local")
    /// Those that come with opsh.
    package static let builtIn = [ssh, local]

    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }
  }

  /// The name in the site, for messages.
  package let name: String
  package let address: String
  package let port: Int
  package let user: String
  package let kind: Kind

  package init(name: String, address: String, port: Int, user: String, kind: Kind) {
    self.name = name
    self.address = address
    self.port = port
    self.user = user
    self.kind = kind
  }
}

/// One command for one host.
package struct CommandRequest: Sendable {
  /// The command line for `sh`, already quoted; transports see to it that no other shell reads it.
  package var line: String
  package var input: [UInt8]
  /// Longest wait for its end; nil waits without limit.
  package var timeout: Duration?
  /// What the command may do; a dry world refuses everything but `reads`.
  package var effect: Effect
  /// How much of each stream is kept, in bytes: the first and the last half.
  package var outputLimit: Int
  /// Called with each complete line of standard output while the command runs.
  package var onLine: (@Sendable (String) -> Void)?
  /// A word that what it starts carries as `OPSH_RUN`, so that it can be found and ended; with one, the command ends with
  /// its shell, also while something that it started in the background holds its output.
  package var mark: String?
  /// Whether it is to end on its host, too, when its time is up: nobody would end what hangs there.
  package var endsThere = false
  /// What a recording keeps of standard output, where that is not all of it.
  package var recorded: (@Sendable ([UInt8]) -> [UInt8])?

  /// The line as its host gets it.
  ///
  /// A host without `timeout` runs what hangs on, as a pipe or a lost file system makes it.
  package var lineThere: String {
    guard endsThere, let timeout else { return line }
    // Who waits here is to hear first that the time is up.
    let seconds = timeout.components.seconds + 2
    let limit = "timeout -k 2 2 true 2>/dev/null && set -- timeout -k 2 \(seconds)"
    return "\(limit); exec \"$@\" sh -c \(ShellQuote.word(line))"
  }

  package init(
    line: String,
    input: [UInt8] = [],
    timeout: Duration?,
    effect: Effect,
    outputLimit: Int = 1 << 20,
    onLine: (@Sendable (String) -> Void)? = nil
  ) {
    self.line = line
    self.input = input
    self.timeout = timeout
    self.effect = effect
    self.outputLimit = outputLimit
    self.onLine = onLine
  }
}

/// How a command ended and what it printed.
package struct CommandResult: Sendable, Equatable {
  /// The exit status; nil when a signal ended it.
  package var status: Int?
  /// The signal's name without `SIG`, for example `KILL`.
  package var signal: String?
  package var output: [UInt8]
  package var errorOutput: [UInt8]
  /// Bytes of both streams that were read and not kept.
  package var dropped: Int
  package var duration: Duration
  /// Whether something that it started runs on there and holds its output.
  package var leftRunning = false
  /// Whether a secret came back in it and was masked.
  package var wasMasked = false

  package init(
    status: Int?,
    signal: String? = nil,
    output: [UInt8] = [],
    errorOutput: [UInt8] = [],
    dropped: Int = 0,
    duration: Duration = .zero
  ) {
    self.status = status
    self.signal = signal
    self.output = output
    self.errorOutput = errorOutput
    self.dropped = dropped
    self.duration = duration
  }
}

/// A file to put on a host.
package struct FileUpload: Sendable {
  package var path: HostPath
  package var content: [UInt8]
  /// Permission bits, for example `0o600`; never wider on the way.
  package var mode: Int

  package init(path: HostPath, content: [UInt8], mode: Int) {
    self.path = path
    self.content = content
    self.mode = mode
  }
}
