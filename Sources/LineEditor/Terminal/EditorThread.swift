import Foundation

/// A serial executor that owns one thread.
///
/// Reading a terminal blocks, and libedit may be touched from one thread only; neither suits the shared pool.
final class EditorThread: SerialExecutor {
  private let queue = JobQueue()

  init(name: String) {
    let thread = Thread { [queue] in queue.drain() }
    thread.name = name
    thread.start()
  }

  deinit { queue.close() }

  func enqueue(_ job: consuming ExecutorJob) {
    queue.append(UnownedJob(job), asUnownedSerialExecutor())
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}

/// The jobs that wait for the thread.
///
/// `@unchecked Sendable`: `jobs` and `isOpen` are only touched while `condition` is locked.
private final class JobQueue: @unchecked Sendable {
  private let condition = NSCondition()
  private var jobs: [(UnownedJob, UnownedSerialExecutor)] = []
  private var isOpen = true

  func append(_ job: UnownedJob, _ executor: UnownedSerialExecutor) {
    condition.withLock {
      jobs.append((job, executor))
      condition.signal()
    }
  }

  func close() {
    condition.withLock {
      isOpen = false
      condition.signal()
    }
  }

  func drain() {
    while let (job, executor) = next() { job.runSynchronously(on: executor) }
  }

  private func next() -> (UnownedJob, UnownedSerialExecutor)? {
    condition.withLock {
      while jobs.isEmpty && isOpen { condition.wait() }
      return jobs.isEmpty ? nil : jobs.removeFirst()
    }
  }
}
