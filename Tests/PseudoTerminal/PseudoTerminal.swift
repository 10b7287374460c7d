import Foundation
import Glibc
import Synchronization

/// A program on a terminal of its own, driven by a test.
///
/// The program is a session leader and the terminal is its controlling terminal, so Ctrl-C, hang-up and job control work
/// as they do for a person.
package final class PseudoTerminal: Sendable {
  /// How long a test waits unless it says otherwise: long, because test machines are busy.
  package static let patience = Duration.seconds(20)

  /// The program, which leads its own session and process group.
  package let processIdentifier: Int32
  private let master: Int32
  /// Kept open so that the settings survive the program and its last output is not lost.
  private let slave: Int32
  private let state: Mutex<State>

  private struct State {
    var screen: Screen
    /// Where the next ``expect(_:within:)`` searches, as a character count of the transcript.
    var consumed = 0
    var exit: Exit?
    var waiters: [Int: Waiter] = [:]
    var nextWaiter = 0
  }

  private struct Waiter {
    let isSatisfied: @Sendable (inout State) -> Bool
    let continuation: CheckedContinuation<Bool, Never>
  }

  /// How a program ended.
  package enum Exit: Sendable, Equatable {
    case code(Int32)
    case signal(Int32)
  }

  private init(process: pid_t, master: Int32, slave: Int32, screen: Screen) {
    processIdentifier = process
    self.master = master
    self.slave = slave
    state = Mutex(State(screen: screen))
  }

  deinit {
    // The waiting thread holds no reference, so an abandoned program must not live on.
    if state.withLock({ $0.exit == nil }) { Glibc.kill(processIdentifier, SIGKILL) }
    close(slave)
    close(master)
  }

  /// Starts a program on a new terminal.
  ///
  /// `environment` is the whole environment; ``environment(_:)`` makes a usual one.
  package static func spawn(
    _ path: String,
    arguments: [String] = [],
    environment: [String: String] = environment(),
    rows: Int = 24,
    columns: Int = 80
  ) throws -> PseudoTerminal {
    let (master, slavePath) = try openMaster()
    let slave = open(slavePath, O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard slave >= 0 else { throw PseudoTerminalError.system(call: "open \(slavePath)", code: errno) }
    setSize(of: master, rows: rows, columns: columns)
    let process = try start(path, arguments, environment, on: slavePath)
    let terminal = PseudoTerminal(
      process: process,
      master: master,
      slave: slave,
      screen: Screen(rows: rows, columns: columns)
    )
    terminal.startReading()
    terminal.startWaiting()
    return terminal
  }

  /// A plain environment with a UTF-8 locale and a colour terminal, changed by `changes` (nil removes).
  package static func environment(_ changes: [String: String?] = [:]) -> [String: String] {
    var environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
      "LANG": "C.UTF-8",
      "TERM": "xterm-256color",
      // A crash that a test asks for needs no report.
      "SWIFT_BACKTRACE": "enable=no",
    ]
    for (name, value) in changes { environment[name] = value }
    return environment
  }

  /// The path of a program that this package builds, beside the running tests.
  package static func product(_ name: String) -> String {
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent(name).path
  }

  /// Types bytes at the program.
  package func send(_ text: String) throws {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw PseudoTerminalError.system(call: "write", code: errno) }
      rest = rest.dropFirst(written)
    }
  }

  /// Waits until `text` was printed after the end of the last match; cursor movement and colours do not count.
  package func expect(_ text: String, within limit: Duration = patience) async throws {
    let seen = await wait(within: limit) { state in
      let transcript = state.screen.transcript
      let start = transcript.index(transcript.startIndex, offsetBy: state.consumed)
      guard let found = transcript[start...].range(of: text, options: .literal) else { return false }
      state.consumed = transcript.distance(from: transcript.startIndex, to: found.upperBound)
      return true
    }
    try check(seen, text)
  }

  /// Waits until the screen, as a person sees it now, contains `text`.
  package func expectScreen(_ text: String, within limit: Duration = patience) async throws {
    try check(await wait(within: limit) { $0.screen.text.contains(text) }, text)
  }

  /// Waits until a condition on the screen holds; `what` names it in the failure.
  package func expectScreen(
    _ what: String,
    within limit: Duration = patience,
    where condition: @escaping @Sendable (Screen) -> Bool
  ) async throws {
    try check(await wait(within: limit) { condition($0.screen) }, what)
  }

  /// Waits for the end of the program.
  package func exit(within limit: Duration = patience) async throws -> Exit {
    _ = await wait(within: limit) { $0.exit != nil }
    guard let exit = state.withLock({ $0.exit }) else { throw PseudoTerminalError.stillRunning(screen: screenText) }
    return exit
  }

  /// What the screen shows now.
  package var screenText: String { state.withLock { $0.screen.text } }
  /// The screen now, with the cursor.
  package var screen: Screen { state.withLock { $0.screen } }
  /// The settings of the terminal now.
  package var settings: TerminalSettings? { TerminalSettings(descriptor: slave) }

  /// Sends a signal to the program.
  package func signal(_ number: Int32) { Glibc.kill(processIdentifier, number) }

  /// Changes the size, which sends SIGWINCH to the program.
  package func resize(rows: Int, columns: Int) {
    state.withLock { $0.screen.resize(rows: rows, columns: columns) }
    Self.setSize(of: master, rows: rows, columns: columns)
  }

  private func check(_ seen: Bool, _ text: String) throws {
    guard !seen else { return }
    let screen = screen
    throw PseudoTerminalError.notSeen(text, screen: screen.text, transcript: screen.transcript)
  }

  // MARK: Waiting

  private func wait(within limit: Duration, until condition: @escaping @Sendable (inout State) -> Bool) async -> Bool {
    let identifier = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    let timer = Task { [weak self] in
      try await Task.sleep(for: limit)
      self?.giveUp(identifier)
    }
    defer { timer.cancel() }
    return await withCheckedContinuation { continuation in
      let now = state.withLock { state -> Bool? in
        if condition(&state) { return true }
        state.waiters[identifier] = Waiter(isSatisfied: condition, continuation: continuation)
        return nil
      }
      if now == true { continuation.resume(returning: true) }
    }
  }

  private func giveUp(_ identifier: Int) {
    let waiter = state.withLock { $0.waiters.removeValue(forKey: identifier) }
    waiter?.continuation.resume(returning: false)
  }

  private func update(_ change: (inout State) -> Void) {
    let satisfied = state.withLock { state in
      change(&state)
      var satisfied: [Waiter] = []
      for (identifier, waiter) in state.waiters where waiter.isSatisfied(&state) {
        satisfied.append(waiter)
        state.waiters[identifier] = nil
      }
      return satisfied
    }
    for waiter in satisfied { waiter.continuation.resume(returning: true) }
  }

  // MARK: Threads

  private func startReading() {
    // A duplicate, so that the thread never reads a number that was closed and given to another file.
    let descriptor = fcntl(master, F_DUPFD_CLOEXEC, 3)
    Thread.detachNewThread { [weak self] in
      var chunk = [UInt8](repeating: 0, count: 4096)
      while true {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        // Looks up now and then whether the test has let go of the terminal.
        let ready = poll(&waiting, 1, 500)
        guard let self else { break }
        if ready <= 0 { continue }
        let size = read(descriptor, &chunk, chunk.count)
        if size < 0 && errno == EINTR { continue }
        guard size > 0 else { break }
        self.update { $0.screen.feed(chunk.prefix(size)) }
      }
      close(descriptor)
    }
  }

  private func startWaiting() {
    let process = processIdentifier
    Thread.detachNewThread { [weak self] in
      var status: Int32 = 0
      while waitpid(process, &status, 0) < 0 && errno == EINTR {}
      let ended: Exit = status & 0x7F == 0 ? .code((status >> 8) & 0xFF) : .signal(status & 0x7F)
      self?.update { $0.exit = ended }
    }
  }
}
