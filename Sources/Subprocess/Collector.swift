import CProcess
import Foundation
import Glibc

/// Feeds a child, reads what it prints, and sees to its end; used by one thread.
///
/// It is over when the program has ended *and* its output is closed, whichever comes last: a program may close its pipes
/// and run on, and what it started may hold them after it. Whoever must end early is asked with SIGTERM first, the whole
/// group; what is left after the grace gets SIGKILL. The leader is not reaped before that, so that the number of the group
/// cannot have passed to somebody else.
struct Collector {
  private typealias Instant = ContinuousClock.Instant

  private let child: Child
  /// Readable when the program has ended; -1 where the kernel has none.
  private let exit: Int32
  private var open: Set<Int32>
  private var standard: Collected
  private var failure: Collected
  private var fed = 0
  private var ending = Subprocess.Ending()
  private var hasExited = false
  /// When the time is up; nil once the group was asked to end.
  private var deadline: Instant?
  /// When what still holds the pipes of an ended program is left alone.
  private var drainedAt: Instant?
  /// When what was asked to end is killed.
  private var killAt: Instant?
  /// When a killed program that does not go is left alone.
  private var giveUpAt: Instant?

  init(_ child: Child) {
    self.child = child
    exit = pidfd_open(child.process, 0)
    open = [child.input, child.output, child.errorOutput]
    standard = Collected(limit: child.request.outputLimit)
    failure = Collected(limit: child.request.outputLimit)
    deadline = child.request.timeout.map { ContinuousClock.now + $0 }
  }

  /// Runs to the end.
  mutating func collect() -> Subprocess.Ending {
    if child.request.input.isEmpty { shut(child.input) }
    while !isOver {
      let polled = wait()
      for item in polled where item.revents != 0 { serve(item.fd) }
      look()
    }
    ending.leftRunning = drainedAt != nil && isReading
    for descriptor in open { close(descriptor) }
    finish()
    if exit >= 0 { close(exit) }
    child.closeWake()
    ending.output = standard.bytes
    ending.errorOutput = failure.bytes
    ending.dropped = standard.dropped + failure.dropped
    return ending
  }

  private var isReading: Bool { open.contains(child.output) || open.contains(child.errorOutput) }

  private var isOver: Bool {
    if hasExited, !isReading { return true }
    if let drainedAt, ContinuousClock.now >= drainedAt { return true }
    // Killed: nothing that still holds the pipes is of the group.
    if killAt == nil, giveUpAt != nil, hasExited { return true }
    return giveUpAt.map { ContinuousClock.now >= $0 } ?? false
  }

  private func wait() -> [pollfd] {
    var polled = open.map { pollfd(fd: $0, events: Int16($0 == child.input ? POLLOUT : POLLIN), revents: 0) }
    if !ending.cancelled { polled.append(pollfd(fd: child.wakeRead, events: Int16(POLLIN), revents: 0)) }
    if exit >= 0, !hasExited { polled.append(pollfd(fd: exit, events: Int16(POLLIN), revents: 0)) }
    let next = [deadline, drainedAt, killAt, giveUpAt].compactMap(\.self).min()
    var limit = next.map(Collector.milliseconds(until:)) ?? -1
    // Without a pidfd the end is looked for.
    if exit < 0, !hasExited { limit = limit < 0 ? 50 : min(limit, 50) }
    return poll(&polled, nfds_t(polled.count), limit) > 0 ? polled : []
  }

  private mutating func serve(_ descriptor: Int32) {
    switch descriptor {
    case child.wakeRead:
      ending.cancelled = true
      end()
    case child.input where open.contains(descriptor):
      if !feed() { shut(descriptor) }
    case child.output where open.contains(descriptor):
      if !Collector.read(descriptor, into: &standard, child.request.onOutput) { shut(descriptor) }
    case child.errorOutput where open.contains(descriptor):
      if !Collector.read(descriptor, into: &failure, nil) { shut(descriptor) }
    default: break
    }
  }

  /// What time and the state of the program ask for.
  private mutating func look() {
    let now = ContinuousClock.now
    if !hasExited { hasExited = Collector.hasExited(child.process) }
    if hasExited, drainedAt == nil, killAt == nil, giveUpAt == nil { drainedAt = child.request.drain.map { now + $0 } }
    if let deadline, now >= deadline, !isOver {
      ending.timedOut = true
      end()
    }
    if max(standard.total, failure.total) > child.request.floodLimit, giveUpAt == nil { killGroup() }
    if let killAt, now >= killAt { killGroup() }
  }

  /// Asks the group to end.
  private mutating func end() {
    guard killAt == nil, giveUpAt == nil else { return }
    deadline = nil
    shut(child.input)
    kill(-child.process, SIGTERM)
    killAt = ContinuousClock.now + child.request.grace
  }

  private mutating func killGroup() {
    killAt = nil
    kill(-child.process, SIGKILL)
    giveUpAt = ContinuousClock.now + .seconds(5)
  }

  /// Takes the status; leaves nothing of a group behind that was to end.
  private mutating func finish() {
    if killAt != nil { kill(-child.process, SIGKILL) }
    guard hasExited else {
      // In a system call that no signal ends: somebody else reaps it, some day.
      let process = child.process
      Thread.detachNewThread { while waitpid(process, nil, 0) < 0 && errno == EINTR {} }
      return
    }
    var status: Int32 = 0
    while waitpid(child.process, &status, 0) < 0 && errno == EINTR {}
    // wait(2): the low seven bits are the signal, the next byte the exit status.
    if status & 0x7f == 0 { ending.status = (status >> 8) & 0xff } else { ending.signal = status & 0x7f }
  }

  private mutating func shut(_ descriptor: Int32) {
    if open.remove(descriptor) != nil { close(descriptor) }
  }

  private mutating func feed() -> Bool {
    let input = child.request.input
    let count = input.withUnsafeBytes { bytes in
      write(child.input, bytes.baseAddress.map { $0 + fed }, bytes.count - fed)
    }
    if count > 0 { fed += count }
    return (count > 0 && fed < input.count) || (count < 0 && (errno == EAGAIN || errno == EINTR))
  }

  /// Whether the program has ended; it stays to be reaped.
  private static func hasExited(_ process: pid_t) -> Bool {
    var info = siginfo_t()
    return waitid(P_PID, id_t(process), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_signo == SIGCHLD
  }

  private static func milliseconds(until instant: Instant) -> Int32 {
    let parts = ContinuousClock.now.duration(to: instant).components
    return Int32(max(0, min(60_000, parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000 + 1)))
  }

  private static func read(
    _ descriptor: Int32,
    into collected: inout Collected,
    _ sink: (@Sendable ([UInt8]) -> Void)?
  ) -> Bool {
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
}
