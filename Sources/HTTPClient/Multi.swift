import CCurl
import EventLoop
import Glibc

/// Owns curl's multi handle and waits for its sockets on an event loop.
///
/// Touched by that loop's thread alone. Its functions are called by curl while it works, so they only note what it wants.
final class Multi {
  private let handle: UnsafeMutableRawPointer
  private let loop: EventLoop
  private let onReady: @Sendable (Int32, Readiness) -> Void
  private let onTime: @Sendable () -> Void
  private var watches: [Int32: LoopWatch] = [:]
  private var timer: LoopTimer?
  /// Why a socket could not be watched, as errno; 0 while all are.
  private(set) var fault: Int32 = 0

  /// Nil when there is no memory for one; `onReady` and `onTime` are called on the loop.
  init?(
    loop: EventLoop,
    onReady: @escaping @Sendable (Int32, Readiness) -> Void,
    onTime: @escaping @Sendable () -> Void
  ) {
    guard let handle = curl_multi_init() else { return nil }
    (self.handle, self.loop, self.onReady, self.onTime) = (handle, loop, onReady, onTime)
    let own = Unmanaged.passUnretained(self).toOpaque()
    opsh_curl_multi_on_socket(handle) { _, socket, wanted, own, _ in
      guard let own else { return 0 }
      Unmanaged<Multi>.fromOpaque(own).takeUnretainedValue().watch(socket, wanted)
      return 0
    }
    opsh_curl_multi_set_pointer(handle, CURLMOPT_SOCKETDATA, own)
    opsh_curl_multi_on_timer(handle) { _, milliseconds, own in
      guard let own else { return 0 }
      Unmanaged<Multi>.fromOpaque(own).takeUnretainedValue().wake(after: milliseconds)
      return 0
    }
    opsh_curl_multi_set_pointer(handle, CURLMOPT_TIMERDATA, own)
    // Idle connections that are kept.
    opsh_curl_multi_set_long(handle, CURLMOPT_MAXCONNECTS, 16)
  }

  deinit {
    curl_multi_cleanup(handle)
    for watch in watches.values { loop.remove(watch) }
    if let timer { loop.cancel(timer) }
  }

  /// Begins a transfer; false where curl refuses it.
  func add(_ transfer: Transfer) -> Bool { curl_multi_add_handle(handle, transfer.easy) == CURLM_OK }

  /// Takes a transfer out, whether or not it ended.
  func remove(_ transfer: Transfer) { curl_multi_remove_handle(handle, transfer.easy) }

  /// Lets curl work on a socket that is ready.
  func work(on socket: Int32, _ readiness: Readiness) {
    var mask: Int32 = 0
    // A closed connection is found by reading, a refused one by writing.
    if !readiness.isDisjoint(with: [.readable, .closed]) { mask |= CURL_CSELECT_IN }
    if !readiness.isDisjoint(with: [.writable, .closed]) { mask |= CURL_CSELECT_OUT }
    var running: Int32 = 0
    curl_multi_socket_action(handle, socket, mask, &running)
  }

  /// Lets curl look at what is due.
  func workOnTime() {
    var running: Int32 = 0
    curl_multi_socket_action(handle, CURL_SOCKET_BAD, 0, &running)
  }

  /// The transfers that ended since the last call, by their easy handles.
  func ended() -> [(easy: UnsafeMutableRawPointer, code: CURLcode)] {
    var ended: [(UnsafeMutableRawPointer, CURLcode)] = []
    var left: Int32 = 0
    while let message = curl_multi_info_read(handle, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
      ended.append((easy, opsh_curl_result(message)))
    }
    return ended
  }

  private func watch(_ socket: Int32, _ wanted: Int32) {
    // A number may be that of another socket by now, so what was watched under it is no matter.
    if let watch = watches.removeValue(forKey: socket) { loop.remove(watch) }
    let interest: Readiness
    switch wanted {
    case CURL_POLL_IN: interest = .readable
    case CURL_POLL_OUT: interest = .writable
    case CURL_POLL_INOUT: interest = [.readable, .writable]
    default: return
    }
    let onReady = onReady
    watches[socket] = loop.watch(socket, for: interest) { onReady(socket, $0) }
    if watches[socket] == nil { fault = errno }
  }

  private func wake(after milliseconds: Int) {
    if let timer { loop.cancel(timer) }
    timer = milliseconds < 0 ? nil : loop.schedule(after: .milliseconds(milliseconds), onTime)
  }
}
