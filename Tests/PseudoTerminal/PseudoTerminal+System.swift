import Glibc

// TIOCSPTLCK and TIOCGPTN of <asm-generic/ioctls.h>: macros that Swift cannot import.
private let unlockTerminal: UInt = 0x4004_5431
private let getTerminalNumber: UInt = 0x8004_5430

extension PseudoTerminal {
  /// Opens the master side; gives its descriptor and the path of the other side (pts(4)).
  static func openMaster() throws -> (descriptor: Int32, slavePath: String) {
    let master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard master >= 0 else { throw PseudoTerminalError.system(call: "open /dev/ptmx", code: errno) }
    var unlocked: Int32 = 0
    var number: UInt32 = 0
    guard ioctl(master, unlockTerminal, &unlocked) == 0, ioctl(master, getTerminalNumber, &number) == 0 else {
      defer { close(master) }
      throw PseudoTerminalError.system(call: "ioctl /dev/ptmx", code: errno)
    }
    return (master, "/dev/pts/\(number)")
  }

  static func setSize(of master: Int32, rows: Int, columns: Int) {
    var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
  }

  /// Starts a program in a new session; opening the terminal there makes it the controlling one.
  static func start(
    _ path: String,
    _ arguments: [String],
    _ environment: [String: String],
    on slavePath: String
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, slavePath, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDERR_FILENO)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // POSIX_SPAWN_SETSID of <spawn.h>, which Swift does not see without _GNU_SOURCE.
    let newSession: Int32 = 0x80
    posix_spawnattr_setflags(&attributes, Int16(newSession | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigdefault(&attributes, &all)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)

    let argv = ([path] + arguments).map { strdup($0) } + [nil]
    let envp = environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { for text in argv + envp { free(text) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, path, &actions, &attributes, argv, envp)
    guard code == 0 else { throw PseudoTerminalError.system(call: "posix_spawn \(path)", code: code) }
    return process
  }
}
