/// One command for one host.
package struct SSHCommand: Sendable {
  /// The line the remote shell reads; the caller has quoted it.
  package var line: String
  /// What the command reads on standard input, then the end of file.
  package var stdin: [UInt8]
  /// How long it may take once a connection stands; nil waits for ever.
  package var timeout: Duration?
  /// How many bytes of each stream are kept: the first half and the last half (1 MiB).
  package var outputLimit: Int
  /// How many bytes are read of both streams before the command is stopped as a flood (64 MiB).
  package var floodLimit: Int
  /// What the remote shell writes to standard error, on a line of its own with its status behind it, when it has ended.
  ///
  /// The command then ends too, although something else may hold its streams. Nil for one that ends with its streams.
  package var endMark: String?
  /// Called on the event loop with every piece as it arrives; it must not block.
  package var onOutput: (@Sendable (SSHStream, [UInt8]) -> Void)?

  /// A command line with the usual limits.
  package init(
    _ line: String,
    stdin: [UInt8] = [],
    timeout: Duration? = nil,
    outputLimit: Int = 1 << 20,
    floodLimit: Int = 64 << 20,
    onOutput: (@Sendable (SSHStream, [UInt8]) -> Void)? = nil
  ) {
    self.line = line
    self.stdin = stdin
    self.timeout = timeout
    self.outputLimit = outputLimit
    self.floodLimit = floodLimit
    self.onOutput = onOutput
  }
}

/// The two streams a command writes.
package enum SSHStream: Int32, Sendable {
  case stdout = 0
  case stderr = 1
}
