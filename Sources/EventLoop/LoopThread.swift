import CEpoll
import Glibc

/// The thread behind a loop, and the question which loop the caller is on.
enum LoopThread {
  static func start(_ loop: EventLoop, name: String) {
    let argument = Unmanaged.passRetained(loop).toOpaque()
    var thread = pthread_t()
    let code = pthread_create(&thread, nil, { LoopThread.body($0) }, argument)
    precondition(code == 0, "no thread left for an event loop")
    pthread_setname_np(thread, String(name.prefix(15)))
    pthread_detach(thread)
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
