import CEpoll
import Glibc
import Synchronization

/// A thread that sleeps in epoll and runs the jobs of the actors pinned to it.
///
/// Actors name it in `unownedExecutor`; their state is then touched by this thread alone. Timers and descriptor watches
/// call back on the same thread, so a callback may `assumeIsolated` such an actor. Nothing here ever waits busily.
///
/// A task whose executor preference is a loop stays on its thread between its steps: without it, Swift 6.3 resumes every
/// continuation on the shared pool first, which costs two changes of thread.
package final class EventLoop: SerialExecutor, TaskExecutor {
  private let name: String
  private let poller: Poller
  private let agenda = Mutex(Agenda())

  /// Starts the thread.
  ///
  /// `name` is shown by `ps -L`; Linux keeps its first 15 bytes (`man 3 pthread_setname_np`). A loop that runs jobs and
  /// timers alone takes no descriptor; one that gets none watches nothing either.
  package init(name: String, watches: Bool = true) {
    self.name = name
    self.poller = Poller(watches: watches)
    LoopThread.start(self, name: name)
  }

  /// Takes a job from the Swift runtime.
  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    wake { $0.jobs.append(job) }
  }

  /// The reference that actors return as their `unownedExecutor`.
  package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

  /// The reference behind an executor preference.
  package func asUnownedTaskExecutor() -> UnownedTaskExecutor { UnownedTaskExecutor(ordinary: self) }

  /// Stops the program when called from any other thread.
  package func checkIsolated() { precondition(isCurrent, "not on event loop \(name)") }

  /// Whether the caller runs on this loop, as the Swift runtime asks it.
  package func isIsolatingCurrentContext() -> Bool? { isCurrent }

  /// Whether the caller runs on this loop's thread.
  package var isCurrent: Bool { LoopThread.current === self }

  /// Ends the thread once its queued jobs have run.
  ///
  /// Actors pinned to the loop must not be used afterwards.
  package func stop() { wake { $0.isStopping = true } }

  // MARK: Timers

  /// Calls `body` on the loop once `delay` has passed.
  ///
  /// A delay of zero or less runs at the next turn.
  @discardableResult
  package func schedule(after delay: Duration, _ body: @escaping @Sendable () -> Void) -> LoopTimer {
    let due = MonotonicTime.now + delay
    return wake { LoopTimer(id: $0.timers.add(due: due, body)) }
  }

  /// Forgets a timer; one that already ran is ignored.
  package func cancel(_ timer: LoopTimer) {
    agenda.withLock { $0.timers.remove(timer.id) }
  }

  // MARK: Descriptors

  /// Calls `body` on the loop whenever `descriptor` is ready, until the watch is removed.
  ///
  /// Level-triggered: a condition that is not served is reported again. The caller keeps the descriptor open until it
  /// has removed the watch. Returns nil when the kernel cannot watch it (`man 2 epoll_ctl`: a regular file,
  /// no memory) or the loop has no descriptor of its own; `errno` says which.
  package func watch(
    _ descriptor: Int32,
    for interest: Readiness,
    _ body: @escaping @Sendable (Readiness) -> Void
  ) -> LoopWatch? {
    let token = agenda.withLock { $0.addWatch(body) }
    guard poller.add(descriptor, interest, token: token) else {
      agenda.withLock { $0.watches[token] = nil }
      return nil
    }
    return LoopWatch(descriptor: descriptor, token: token)
  }

  /// Changes what a watch waits for.
  package func update(_ watch: LoopWatch, for interest: Readiness) {
    poller.modify(watch.descriptor, interest, token: watch.token)
  }

  /// Removes a watch; its body is not called again.
  package func remove(_ watch: LoopWatch) {
    agenda.withLock { $0.watches[watch.token] = nil }
    poller.remove(watch.descriptor)
  }

  // MARK: The thread

  /// Runs until `stop`.
  func run() {
    let actors = asUnownedSerialExecutor()
    let tasks = asUnownedTaskExecutor()
    var events = PolledEvents()
    while true {
      let turn = agenda.withLock { $0.takeTurn() }
      for job in turn.jobs { job.runSynchronously(isolatedTo: actors, taskExecutor: tasks) }
      for body in turn.timers { body() }
      guard let patience = agenda.withLock({ $0.prepareToSleep() }) else { return }
      let wasWoken = poller.wait(patience, into: &events)
      agenda.withLock { $0.isAsleep = false }
      if wasWoken { poller.clearWake() }
      for index in 0..<events.count { deliver(events[index]) }
    }
  }

  private func deliver(_ event: (token: UInt64, readiness: Readiness)) {
    let body = agenda.withLock { $0.watches[event.token] }
    body?(event.readiness)
  }

  private func wake<Result>(_ change: (inout sending Agenda) -> Result) -> Result where Result: Sendable {
    let (result, mustWake) = agenda.withLock { agenda in
      let result = change(&agenda)
      defer { agenda.isAsleep = false }
      return (result, agenda.isAsleep)
    }
    if mustWake { poller.wake() }
    return result
  }
}
