import CSSH2
import EventLoop

/// What a running command has been given and has written so far.
struct Exchange {
  enum Progress {
    /// Nothing more can be done before bytes come.
    case waiting
    /// There is more to read, but it is someone else's turn.
    case busy
    /// Both streams have ended, or too much has come.
    case ended
    case failed
  }

  private let command: SSHCommand
  private var written = 0
  private var isInputEnded = false
  private var total = 0
  private var stdout: OutputWindow
  private var stderr: OutputWindow
  private var ending: ShellEnding?
  /// When the remote shell said that it had ended.
  private(set) var endedAt: MonotonicTime?

  /// How long output may still come once the shell has ended, while something holds the stream.
  static var drain: Duration { .seconds(1) }

  init(_ command: SSHCommand) {
    self.command = command
    stdout = OutputWindow(limit: command.outputLimit)
    stderr = OutputWindow(limit: command.outputLimit)
    ending = command.endMark.map { ShellEnding(mark: $0) }
  }

  var isFlooded: Bool { total > command.floodLimit }

  /// Reads what has come and writes what the command takes.
  mutating func advance(_ channel: Channel, isCongested: Bool) -> Progress {
    switch readBoth(channel) {
    case .waiting: break
    case let progress: return progress
    }
    if isFlooded || channel.hasEnded { return .ended }
    return isCongested ? .waiting : write(channel)
  }

  // 256 KiB at a time, then the other channels of the loop have their turn.
  private mutating func readBoth(_ channel: Channel) -> Progress {
    let enough = total + 1 << 18
    while total < enough, !isFlooded {
      let before = total
      if !read(channel, .stdout) || !read(channel, .stderr) { return .failed }
      if total == before { return .waiting }
    }
    return isFlooded ? .ended : .busy
  }

  private mutating func read(_ channel: Channel, _ stream: SSHStream) -> Bool {
    withUnsafeTemporaryAllocation(byteCount: 1 << 15, alignment: 1) { room in
      let length = channel.read(stream, into: room)
      guard length > 0 else { return length == 0 || length == Int(LIBSSH2_ERROR_EAGAIN) }
      let piece = UnsafeRawBufferPointer(rebasing: room[..<length])
      total += length
      if stream == .stdout { stdout.append(piece) } else { stderr.append(piece) }
      if stream == .stderr, endedAt == nil, ending?.reads(piece) == true { endedAt = .now }
      command.onOutput?(stream, Array(piece))
      return true
    }
  }

  private mutating func write(_ channel: Channel) -> Progress {
    while written < command.stdin.count {
      let length = command.stdin.withUnsafeBytes { channel.write(UnsafeRawBufferPointer(rebasing: $0[written...])) }
      if length == Int(LIBSSH2_ERROR_EAGAIN) || length == 0 { return .waiting }
      if length < 0 { return failure(channel) }
      written += length
    }
    if !isInputEnded {
      let code = channel.sendEnd()
      if code == LIBSSH2_ERROR_EAGAIN { return .waiting }
      if code != 0 { return failure(channel) }
      isInputEnded = true
      // Sending may have read the answer already.
      return .busy
    }
    return .waiting
  }

  // A command need not read its input: once it has closed the channel, writing fails and its end is what counts.
  private mutating func failure(_ channel: Channel) -> Progress {
    written = command.stdin.count
    isInputEnded = true
    return channel.hasEnded ? .ended : .waiting
  }

  /// The result; without a channel the command has no end to tell of.
  func result(of channel: Channel?, duration: Duration) -> SSHResult {
    let signal = channel?.exitSignal
    let errors = stderr.output
    return SSHResult(
      status: ending?.status ?? (signal == nil ? channel?.exitStatus : nil),
      signal: ending?.status == nil ? signal : nil,
      stdout: stdout.output,
      stderr: ending?.cutting(errors) ?? errors,
      duration: duration,
      flooded: isFlooded,
      leftRunning: channel == nil && endedAt != nil && !isFlooded
    )
  }
}
