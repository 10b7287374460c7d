import CLuaBridge
import Glibc

/// A serial executor that owns one thread.
///
/// Lua code may loop for seconds; it must not occupy a thread of the shared pool, which has one per core.
final class ThreadExecutor: SerialExecutor {
  private let queue = JobQueue()

  init() {
    // The C recursion limit of Lua (LUAI_MAXCCALLS) is 200 levels; 8 MiB is the usual size of a main thread.
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, 8 << 20)
    pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
    var thread = pthread_t()
    let queue = Unmanaged.passRetained(self.queue)
    let status = pthread_create(
      &thread,
      &attributes,
      { context in
        guard let context else { return nil }
        let queue = Unmanaged<JobQueue>.fromOpaque(context).takeRetainedValue()
        opsh_thread_name("opsh.lua")
        while let (job, executor) = queue.next() { job.runSynchronously(on: executor) }
        return nil
      },
      queue.toOpaque()
    )
    pthread_attr_destroy(&attributes)
    precondition(status == 0, "no thread for Lua: error \(status)")
  }

  deinit { queue.close() }

  func enqueue(_ job: consuming ExecutorJob) {
    queue.append(UnownedJob(job), on: asUnownedSerialExecutor())
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}
