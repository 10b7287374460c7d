import Glibc

/// The jobs that wait for a thread, in order.
///
/// `@unchecked Sendable`: `jobs` and `isOpen` are touched only while `mutex` is locked; the two pointers never change.
final class JobQueue: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var jobs: [(UnownedJob, UnownedSerialExecutor)] = []
  private var isOpen = true

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  func append(_ job: UnownedJob, on executor: UnownedSerialExecutor) {
    locked { jobs.append((job, executor)) }
  }

  func close() {
    locked { isOpen = false }
  }

  /// The next job; waits for one, and answers nil after the queue was closed and emptied.
  func next() -> (UnownedJob, UnownedSerialExecutor)? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while jobs.isEmpty && isOpen { pthread_cond_wait(condition, mutex) }
    return jobs.isEmpty ? nil : jobs.removeFirst()
  }

  private func locked(_ change: () -> Void) {
    pthread_mutex_lock(mutex)
    change()
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }
}
