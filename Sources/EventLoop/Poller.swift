import CEpoll
import Glibc

/// Owns the epoll descriptor and the event descriptor that interrupts its sleep.
///
/// Where there are none, or none are wanted, it still sleeps and wakes; it watches nothing then.
struct Poller: ~Copyable, Sendable {
  private let epoll: Int32
  private let bell: Int32
  private let sleeper: Sleeper?

  init(watches: Bool) {
    let epoll = watches ? epoll_create1(Int32(EPOLL_CLOEXEC)) : -1
    let bell = watches ? eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)) : -1
    (self.epoll, self.bell) = (epoll, bell)
    sleeper = epoll >= 0 && bell >= 0 ? nil : Sleeper()
    if sleeper == nil { _ = add(bell, .readable, token: 0) }
  }

  deinit {
    if bell >= 0 { close(bell) }
    if epoll >= 0 { close(epoll) }
  }

  /// False, with `errno`, when it is not watched.
  borrowing func add(_ descriptor: Int32, _ interest: Readiness, token: UInt64) -> Bool {
    if sleeper != nil {
      errno = EMFILE
      return false
    }
    var event = epoll_event(events: interest.events, data: epoll_data_t(u64: token))
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0
  }

  borrowing func modify(_ descriptor: Int32, _ interest: Readiness, token: UInt64) {
    var event = epoll_event(events: interest.events, data: epoll_data_t(u64: token))
    epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event)
  }

  borrowing func remove(_ descriptor: Int32) {
    epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nil)
  }

  borrowing func wake() {
    if let sleeper { return sleeper.wake() }
    var one: UInt64 = 1
    // It fails only when the counter is full, and then the loop is awake anyway.
    _ = write(bell, &one, MemoryLayout<UInt64>.size)
  }

  borrowing func clearWake() {
    if sleeper != nil { return }
    var count: UInt64 = 0
    _ = read(bell, &count, MemoryLayout<UInt64>.size)
  }

  /// Sleeps until something is ready; returns whether the bell rang.
  borrowing func wait(_ patience: Patience, into events: inout PolledEvents) -> Bool {
    if let sleeper {
      events.removeAll()
      return sleeper.wait(atMost: patience.milliseconds)
    }
    events.poll(epoll, milliseconds: patience.milliseconds)
    return events.removeBell()
  }
}

/// The room epoll writes its answers into.
struct PolledEvents {
  // 256 answers a turn: the rest is reported at the next one.
  private var room = [epoll_event](repeating: epoll_event(), count: 256)
  private(set) var count = 0

  subscript(index: Int) -> (token: UInt64, readiness: Readiness) {
    (room[index].data.u64, Readiness(events: room[index].events))
  }

  mutating func poll(_ epoll: Int32, milliseconds: Int32) {
    // A signal (EINTR) counts as nothing ready.
    count = max(0, Int(epoll_wait(epoll, &room, Int32(room.count), milliseconds)))
  }

  mutating func removeAll() { count = 0 }

  mutating func removeBell() -> Bool {
    guard let index = room[..<count].firstIndex(where: { $0.data.u64 == 0 }) else { return false }
    count -= 1
    room.swapAt(index, count)
    return true
  }
}

extension Patience {
  /// The wait for `epoll_wait`, rounded up so that a timer is due when the sleep ends.
  fileprivate var milliseconds: Int32 {
    switch self {
    case .nothing: 0
    case .forever: -1
    case .until(let due):
      Int32(clamping: max(0, (due.nanoseconds - MonotonicTime.now.nanoseconds + 999_999) / 1_000_000))
    }
  }
}
