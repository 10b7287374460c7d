import CLuaBridge

/// A serial executor that owns one thread.
///
/// Lua code may loop for seconds; it must not occupy a thread of the shared pool, which has one per core.
final class ThreadExecutor: SerialExecutor {
  private let queue = JobQueue()

  init() {
    let queue = Unmanaged.passRetained(self.queue)
    // The C recursion limit of Lua (LUAI_MAXCCALLS) is 200 levels; 8 MiB is the usual size of a main thread.
    let status = opsh_thread_start(
      "opsh.lua",
      8 << 20,
      { context in
        guard let context else { return }
        let queue = Unmanaged<JobQueue>.fromOpaque(context).takeRetainedValue()
        while let (job, executor) = queue.next() { job.runSynchronously(on: executor) }
      },
      queue.toOpaque()
    )
    precondition(status == 0, "no thread for Lua: error \(status)")
  }

  deinit { queue.close() }

  func enqueue(_ job: consuming ExecutorJob) {
    queue.append(UnownedJob(job), on: asUnownedSerialExecutor())
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}
