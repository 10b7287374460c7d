import EventLoop
import Foundations
import Glibc

/// Opens TCP connections without blocking.
enum Dialing {
  struct Failure: Error {
    /// The error number; `ETIMEDOUT` when the deadline passed.
    let code: Int32
    /// What is wrong on this machine; nil where the network or the host is.
    var fault: LocalFault?
  }

  /// Tries the addresses in turn until one answers.
  static func connect(
    to addresses: [SocketAddress],
    on loop: EventLoop,
    before deadline: MonotonicTime
  ) async throws(Failure) -> Descriptor {
    var failure = Failure(code: EHOSTUNREACH)
    for (index, address) in addresses.enumerated() {
      // Every address that is left gets the same share of the time that is left.
      let share = (deadline - .now) / (addresses.count - index)
      do {
        return try await connect(to: address, on: loop, atMost: share)
      } catch {
        // Another family may not be spoken here; what the others say counts more.
        if failure.fault == nil, error.fault?.code == EAFNOSUPPORT, index > 0 { continue }
        failure = error
      }
    }
    throw failure
  }

  private static func connect(
    to address: SocketAddress,
    on loop: EventLoop,
    atMost limit: Duration
  ) async throws(Failure) -> Descriptor {
    let flags = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
    let number = socket(address.family, Int32(flags), 0)
    guard number >= 0 else { throw Failure(code: errno, fault: LocalFault(errno)) }
    let socket = Descriptor(number)
    // Round trips of small packets must not wait for one another.
    set(socket.number, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    // A peer that vanished is noticed by the kernel as well: unacknowledged bytes for 30 s (`man 7 tcp`).
    set(socket.number, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, 30_000)
    if address.connect(socket.number) == 0 { return socket }
    // What `connect` itself says is of this machine; what comes later is of the network.
    guard errno == EINPROGRESS else { throw Failure(code: errno, fault: Self.fault(errno)) }
    let readiness = await loop.wait(socket.number, for: .writable, atMost: limit)
    if readiness.isEmpty { throw Failure(code: ETIMEDOUT) }
    let code = error(of: socket.number)
    guard code == 0 else { throw Failure(code: code) }
    return socket
  }

  // `man 2 connect`: EAGAIN is a lack of ports, not of processes as elsewhere.
  private static func fault(_ code: Int32) -> LocalFault? { LocalFault(code == EAGAIN ? EADDRNOTAVAIL : code) }

  private static func set(_ socket: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
    var value = value
    setsockopt(socket, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  private static func error(of socket: Int32) -> Int32 {
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &length) == 0 ? code : errno
  }
}

/// An open file descriptor, closed when it goes out of scope.
struct Descriptor: ~Copyable, Sendable {
  let number: Int32

  init(_ number: Int32) { self.number = number }

  deinit { close(number) }
}

/// The sentence for an error number.
func describe(errno code: Int32) -> String { String(cString: strerror(code)) }
