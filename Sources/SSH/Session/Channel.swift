import CSSH2
import Glibc

/// A view of one channel of a session; the session owns it and frees it at the latest with itself.
struct Channel {
  let handle: OpaquePointer

  /// Asks the server to run a line (`exec`) or a subsystem.
  func start(_ request: String, _ message: String) -> Int32 {
    libssh2_channel_process_startup(handle, request, UInt32(request.utf8.count), message, UInt32(message.utf8.count))
  }

  /// Reads what is there of one stream; negative is an error code, 0 the end or nothing.
  func read(_ stream: SSHStream, into room: UnsafeMutableRawBufferPointer) -> Int {
    libssh2_channel_read_ex(handle, stream.rawValue, room.baseAddress?.assumingMemoryBound(to: CChar.self), room.count)
  }

  /// Reads both streams empty and forgets what they held; false when the connection is lost.
  func discard() -> Bool {
    withUnsafeTemporaryAllocation(byteCount: 1 << 15, alignment: 1) { room in
      for stream in [SSHStream.stdout, .stderr] {
        var length = 1
        while length > 0 { length = read(stream, into: room) }
        if length < 0, length != Int(LIBSSH2_ERROR_EAGAIN) { return false }
      }
      return true
    }
  }

  /// Writes as much as the window takes; negative is an error code.
  func write(_ bytes: UnsafeRawBufferPointer) -> Int {
    libssh2_channel_write_ex(handle, 0, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
  }

  func sendEnd() -> Int32 { libssh2_channel_send_eof(handle) }

  /// Whether both streams have ended and were read.
  var hasEnded: Bool { libssh2_channel_eof(handle) == 1 }

  /// Waits for the server's last word on the channel: the exit status comes before it.
  func waitClosed() -> Int32 { libssh2_channel_wait_closed(handle) }

  func close() -> Int32 { libssh2_channel_close(handle) }
  func free() -> Int32 { libssh2_channel_free(handle) }

  var exitStatus: Int32 { libssh2_channel_get_exit_status(handle) }

  var exitSignal: String? {
    var name: UnsafeMutablePointer<CChar>?
    var length = 0
    libssh2_channel_get_exit_signal(handle, &name, &length, nil, nil, nil, nil)
    guard let name else { return nil }
    // The session uses libssh2's own allocator, which is malloc.
    defer { Glibc.free(name) }
    return String(cString: name)
  }
}
