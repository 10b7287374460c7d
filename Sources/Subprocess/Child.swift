import CProcess
import Glibc
import Synchronization

/// A started program: its process group and the pipes to it.
final class Child: Sendable {
  let request: Subprocess
  let process: pid_t
  let input: Int32
  let output: Int32
  let errorOutput: Int32
  let wakeRead: Int32
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

    if let folder = request.folder { posix_spawn_file_actions_addchdir_np(&actions, folder) }

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

  /// Asks the collecting thread to end the process group.
  func cancel() {
    wakeWrite.withLock { descriptor in
      guard descriptor >= 0 else { return }
      var byte: UInt8 = 1
      _ = write(descriptor, &byte, 1)
    }
  }

  /// Ends what `cancel` reaches: the program is gone.
  func closeWake() {
    wakeWrite.withLock { descriptor in
      close(descriptor)
      descriptor = -1
    }
    close(wakeRead)
  }
}
