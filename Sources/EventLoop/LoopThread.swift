import CEpoll
import Glibc

/// The thread behind a loop, and the question which loop the caller is on.
enum LoopThread {
  static func start(_ loop: EventLoop, name: String) {
    let argument = Unmanaged.passRetained(loop).toOpaque()
    var thread = pthread_t()
    var code = pthread_create(&thread, nil, { LoopThread.body($0) }, argument)
    // A limit of the user is shared with other programs, whose threads may end: up to 1 s.
    for _ in 0..<50 where code == EAGAIN {
      usleep(20_000)
      code = pthread_create(&thread, nil, { LoopThread.body($0) }, argument)
    }
    if code != 0 { end(code) }
    pthread_setname_np(thread, String(name.prefix(15)))
    pthread_detach(thread)
  }

  /// Ends the process in order: without a thread nothing can even be said by the usual ways.
  private static func end(_ code: Int32) -> Never {
    let text = "opsh: this machine cannot start another thread: \(String(cString: strerror(code)))\n"
    _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    // EX_OSERR would be 71; whatever had begun is found by `opsh resume`, as after a lost machine.
    _exit(70)
  }

  static var current: EventLoop? {
    pthread_getspecific(key).map { Unmanaged<EventLoop>.fromOpaque($0).takeUnretainedValue() }
  }

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    let code = pthread_key_create(&key, nil)
    precondition(code == 0, "no thread-specific key left")
    return key
  }()

  private static func body(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    // The thread keeps its loop alive; the key borrows it for exactly that time.
    let loop = Unmanaged<EventLoop>.fromOpaque(argument).takeRetainedValue()
    pthread_setspecific(key, argument)
    loop.run()
    pthread_setspecific(key, nil)
    return nil
  }
}
