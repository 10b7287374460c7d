/// What a command that ran has left.
package struct SSHResult: Sendable, Equatable {
  /// The exit status; nil when a signal ended it or it was stopped as a flood.
  package var status: Int32?
  /// The signal that ended it, without `SIG`: `KILL`.
  package var signal: String?
  package var stdout: SSHOutput
  package var stderr: SSHOutput
  /// From sending the command to its end.
  package var duration: Duration
  /// Whether it wrote more than its flood limit and was cut off; it may still be running.
  package var flooded: Bool
  /// Whether its shell has ended and something that it started still holds its streams.
  package var leftRunning = false
}

/// What was kept of one stream.
package struct SSHOutput: Sendable, Equatable {
  /// The first and the last bytes.
  package var bytes: [UInt8]
  /// How many bytes between them were dropped.
  package var dropped: Int
  /// Where in `bytes` the dropped ones were.
  package var gap: Int

  /// The bytes as UTF-8, with U+FFFD for what is not.
  package var text: String { String(decoding: bytes, as: UTF8.self) }
}
