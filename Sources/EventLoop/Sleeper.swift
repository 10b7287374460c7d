import Glibc

/// Sleeps and is woken without a descriptor.
final class Sleeper: @unchecked Sendable {
  // Proof: both pointers are set once and freed with the object; pthread's calls may be made from any thread.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var isWoken = false

  init() {
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
    condition.initialize(to: pthread_cond_t())
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  func wake() {
    pthread_mutex_lock(mutex)
    isWoken = true
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }

  /// Sleeps so many milliseconds, for ever below zero; returns whether it was woken, which is then forgotten.
  func wait(atMost milliseconds: Int32) -> Bool {
    let end = MonotonicTime.now.nanoseconds + Int64(milliseconds) * 1_000_000
    var until = timespec(tv_sec: Int(end / 1_000_000_000), tv_nsec: Int(end % 1_000_000_000))
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while !isWoken {
      let code =
        milliseconds < 0 ? pthread_cond_wait(condition, mutex) : pthread_cond_timedwait(condition, mutex, &until)
      if code == ETIMEDOUT { break }
    }
    defer { isWoken = false }
    return isWoken
  }
}
