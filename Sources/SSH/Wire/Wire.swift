import Glibc

/// The bytes between libssh2 and the socket.
///
/// libssh2 reads from and writes to these two queues only. So a write never comes back half done: libssh2 1.10 would
/// refuse every other write of the session until exactly that one is repeated. And its one-byte reads of the banner cost
/// no system call.
final class Wire {
  let socket: Descriptor
  private var incoming = ByteQueue()
  private var outgoing = ByteQueue()
  /// Why nothing more will come; nil while the connection stands.
  private(set) var end: String?
  /// All bytes ever received, as a sign of life.
  private(set) var received = 0
  /// The first bytes of the peer, which are not encrypted; empty once nobody needs them.
  private(set) var greeting: [UInt8] = []
  private var keepsGreeting = true

  init(socket: consuming Descriptor) { self.socket = socket }

  var hasOutgoing: Bool { !outgoing.isEmpty }
  /// Whether the peer is slow to take what was written.
  var isCongested: Bool { outgoing.count > 1 << 18 }
  /// Whether so much lies unread that no more should be fetched.
  var isFull: Bool { incoming.count > 1 << 20 }

  /// Fetches what the socket has, at most 64 KiB.
  func fill() {
    guard end == nil else { return }
    withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { room in
      let length = recv(socket.number, room.baseAddress, room.count, 0)
      if length > 0 {
        received += length
        incoming.append(UnsafeRawBufferPointer(rebasing: room[..<length]))
        if keepsGreeting, greeting.count < Wire.greetingLimit { greeting += room[..<length] }
      } else if length == 0 {
        end = "closed by the host"
      } else if errno != EAGAIN && errno != EINTR {
        end = describe(errno: errno)
      }
    }
  }

  /// Drops the first bytes of the peer.
  func forgetGreeting() { (greeting, keepsGreeting) = ([], false) }

  // The offer of a server is one packet of a few hundred bytes.
  private static var greetingLimit: Int { 1 << 16 }

  /// Sends what waits, as far as the socket takes it.
  func flush() {
    while end == nil, !outgoing.isEmpty {
      let length = outgoing.withBytes { send(socket.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if length > 0 {
        outgoing.removeFirst(length)
      } else if errno == EAGAIN {
        return
      } else if errno != EINTR {
        end = describe(errno: errno)
      }
    }
  }

  /// Ends it from this side.
  func shut(_ reason: String) {
    if end == nil { end = reason }
    shutdown(socket.number, Int32(SHUT_RDWR))
  }

  // MARK: What libssh2 calls

  func receive(_ destination: UnsafeMutableRawPointer?, _ length: Int) -> Int {
    if incoming.isEmpty { return end == nil ? -Int(EAGAIN) : 0 }
    return incoming.take(into: UnsafeMutableRawBufferPointer(start: destination, count: length))
  }

  func transmit(_ source: UnsafeRawPointer?, _ length: Int) -> Int {
    if end != nil { return -Int(EPIPE) }
    outgoing.append(UnsafeRawBufferPointer(start: source, count: length))
    return length
  }
}
