import Glibc
import Synchronization

/// A started program: its process group and the pipes to it.
final class Child: Sendable {
  private let request: Subprocess
  private let process: pid_t
  private let input: Int32
  private let output: Int32
  private let errorOutput: Int32
  private let wakeRead: Int32
  private let wakeWrite: Mutex<Int32>

  private init(_ request: Subprocess, process: pid_t, pipes: Pipes, wake: (read: Int32, write: Int32)) {
    self.request = request
    self.process = process
    input = pipes.input.write
    output = pipes.output.read
    errorOutput = pipes.errorOutput.read
    wakeRead = wake.read
    wakeWrite = Mutex(wake.write)
  }

  /// POSIX_SPAWN_SETSID of spawn.h, which glibc declares for GNU programs alone.
  private static let newSession: Int32 = 0x80

  /// One spawn at a time: between `pipe` and `FD_CLOEXEC` another child would inherit the pipes.
  private static let spawning = Mutex(())

  static func start(_ request: Subprocess) throws(SubprocessError) -> Child {
    let started = spawning.withLock { _ in Result { () throws(SubprocessError) in try spawn(request) } }
    return try started.get()
  }

  private static func spawn(_ request: Subprocess) throws(SubprocessError) -> Child {
    // A child that closes its input early must not end us.
    signal(SIGPIPE, SIG_IGN)
    guard let pipes = Pipes(), let wake = Pipes.open() else { throw SubprocessError(path: request.path, code: errno) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, pipes.input.read, 0)
    posix_spawn_file_actions_adddup2(&actions, pipes.output.write, 1)
    posix_spawn_file_actions_adddup2(&actions, pipes.errorOutput.write, 2)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var defaults = sigset_t()
    sigemptyset(&defaults)
    for number in [SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGQUIT] { sigaddset(&defaults, number) }
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    var unblocked = sigset_t()
    sigemptyset(&unblocked)
    posix_spawnattr_setsigmask(&attributes, &unblocked)
    posix_spawnattr_setpgroup(&attributes, 0)
    // The leader of a session leads a process group too, and may not be given another.
    let group = request.leavesTerminal ? Child.newSession : POSIX_SPAWN_SETPGROUP
    posix_spawnattr_setflags(&attributes, Int16(group | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

    let arguments = CStrings([request.path] + request.arguments)
    let variables = CStrings((request.environment ?? [:]).map { "\($0.key)=\($0.value)" })
    var process = pid_t()
    let code = posix_spawn(
      &process,
      request.path,
      &actions,
      &attributes,
      arguments.pointers,
      request.environment == nil ? environ : variables.pointers
    )
    pipes.closeTheChildsEnds()
    guard code == 0 else {
      pipes.closeOurEnds()
      close(wake.read)
      close(wake.write)
      throw SubprocessError(path: request.path, code: code)
    }
    for descriptor in [pipes.input.write, pipes.output.read, pipes.errorOutput.read] {
      _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }
    return Child(request, process: process, pipes: pipes, wake: wake)
  }

  /// Asks the collecting thread to kill the process group.
  func cancel() {
    wakeWrite.withLock { descriptor in
      guard descriptor >= 0 else { return }
      var byte: UInt8 = 1
      _ = write(descriptor, &byte, 1)
    }
  }

  /// Feeds, reads and waits; runs on a thread of its own.
  func collect() -> Subprocess.Ending {
    var ending = Subprocess.Ending()
    var standard = Collected(limit: request.outputLimit)
    var failure = Collected(limit: request.outputLimit)
    var fed = 0
    var open: Set<Int32> = [input, output, errorOutput]
    let deadline = request.timeout.map { ContinuousClock.now + $0 }
    if request.input.isEmpty { shut(input, &open) }

    while open.contains(output) || open.contains(errorOutput) {
      var polled = open.map { pollfd(fd: $0, events: Int16($0 == input ? POLLOUT : POLLIN), revents: 0) }
      polled.append(pollfd(fd: wakeRead, events: Int16(POLLIN), revents: 0))
      let ready = poll(&polled, nfds_t(polled.count), milliseconds(until: deadline))
      if let deadline, ContinuousClock.now >= deadline, !ending.timedOut {
        ending.timedOut = true
        kill(-process, SIGKILL)
      }
      guard ready > 0 else { if ending.timedOut { break } else { continue } }
      for item in polled where item.revents != 0 {
        switch item.fd {
        case wakeRead:
          ending.cancelled = true
          kill(-process, SIGKILL)
          shut(output, &open)
          shut(errorOutput, &open)
        case input where open.contains(input):
          if !feed(&fed) { shut(input, &open) }
        case output where open.contains(output):
          if !read(output, into: &standard, request.onOutput) { shut(output, &open) }
        case errorOutput where open.contains(errorOutput):
          if !read(errorOutput, into: &failure, nil) { shut(errorOutput, &open) }
        default: break
        }
      }
      if max(standard.total, failure.total) > request.floodLimit {
        kill(-process, SIGKILL)
        break
      }
    }
    for descriptor in open { close(descriptor) }
    wait(&ending)
    wakeWrite.withLock { descriptor in
      close(descriptor)
      descriptor = -1
    }
    close(wakeRead)
    ending.output = standard.bytes
    ending.errorOutput = failure.bytes
    ending.dropped = standard.dropped + failure.dropped
    return ending
  }

  private func shut(_ descriptor: Int32, _ open: inout Set<Int32>) {
    if open.remove(descriptor) != nil { close(descriptor) }
  }

  private func milliseconds(until deadline: ContinuousClock.Instant?) -> Int32 {
    guard let deadline else { return -1 }
    let left = ContinuousClock.now.duration(to: deadline)
    let parts = left.components
    return Int32(max(0, min(60_000, parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000 + 1)))
  }

  private func feed(_ fed: inout Int) -> Bool {
    let count = request.input.withUnsafeBytes { bytes in
      write(input, bytes.baseAddress.map { $0 + fed }, bytes.count - fed)
    }
    if count > 0 { fed += count }
    return (count > 0 && fed < request.input.count) || (count < 0 && (errno == EAGAIN || errno == EINTR))
  }

  private func read(_ descriptor: Int32, into collected: inout Collected, _ sink: (@Sendable ([UInt8]) -> Void)?)
    -> Bool
  {
    var got = 0
    let piece = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
      got = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      count = max(0, got)
    }
    guard got > 0 else { return got < 0 && (errno == EAGAIN || errno == EINTR) }
    collected.append(piece)
    sink?(piece)
    return true
  }

  private func wait(_ ending: inout Subprocess.Ending) {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    // wait(2): the low seven bits are the signal, the next byte the exit status.
    if status & 0x7f == 0 { ending.status = (status >> 8) & 0xff } else { ending.signal = status & 0x7f }
  }
}
