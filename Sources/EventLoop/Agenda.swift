/// What a loop has to do next; guarded by the loop's lock.
struct Agenda: Sendable {
  var jobs: [UnownedJob] = []
  var timers = TimerHeap()
  var watches: [UInt64: @Sendable (Readiness) -> Void] = [:]
  var isAsleep = false
  var isStopping = false
  // Token 0 is the poller's own wake-up descriptor. Tokens are never reused, so a late event finds nobody.
  private var lastToken: UInt64 = 0

  mutating func addWatch(_ body: @escaping @Sendable (Readiness) -> Void) -> UInt64 {
    lastToken += 1
    watches[lastToken] = body
    return lastToken
  }

  mutating func takeTurn() -> (jobs: [UnownedJob], timers: [@Sendable () -> Void]) {
    let due = timers.isEmpty ? [] : timers.takeDue(at: .now)
    defer { jobs.removeAll(keepingCapacity: true) }
    return (jobs, due)
  }

  /// Says how long to sleep: zero when there is work, nil when the loop shall end.
  mutating func prepareToSleep() -> Patience? {
    if !jobs.isEmpty { return .nothing }
    if isStopping { return nil }
    isAsleep = true
    guard let next = timers.next else { return .forever }
    return .until(next)
  }
}

/// How long a poll may sleep.
enum Patience: Sendable {
  case nothing
  case until(MonotonicTime)
  case forever
}
