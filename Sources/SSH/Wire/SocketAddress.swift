import Glibc

/// The address of a socket, of any family.
struct SocketAddress: Sendable {
  private var storage: sockaddr_storage
  private let length: socklen_t
  let family: Int32

  /// A numeric IPv4 or IPv6 address.
  init?(numeric address: String, port: UInt16) {
    var storage = sockaddr_storage()
    var ipv4 = sockaddr_in()
    var ipv6 = sockaddr_in6()
    if inet_pton(AF_INET, address, &ipv4.sin_addr) == 1 {
      ipv4.sin_family = sa_family_t(AF_INET)
      ipv4.sin_port = port.bigEndian
      withUnsafeMutableBytes(of: &storage) { room in withUnsafeBytes(of: &ipv4) { room.copyMemory(from: $0) } }
      self.init(storage, socklen_t(MemoryLayout<sockaddr_in>.size), AF_INET)
    } else if inet_pton(AF_INET6, address, &ipv6.sin6_addr) == 1 {
      ipv6.sin6_family = sa_family_t(AF_INET6)
      ipv6.sin6_port = port.bigEndian
      withUnsafeMutableBytes(of: &storage) { room in withUnsafeBytes(of: &ipv6) { room.copyMemory(from: $0) } }
      self.init(storage, socklen_t(MemoryLayout<sockaddr_in6>.size), AF_INET6)
    } else {
      return nil
    }
  }

  /// A Unix socket; nil when the path is longer than 107 bytes (`man 7 unix`).
  init?(unixPath path: String) {
    var unix = sockaddr_un()
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: unix.sun_path) else { return nil }
    unix.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &unix.sun_path) { $0.copyBytes(from: bytes) }
    var storage = sockaddr_storage()
    withUnsafeMutableBytes(of: &storage) { room in withUnsafeBytes(of: &unix) { room.copyMemory(from: $0) } }
    self.init(storage, socklen_t(MemoryLayout<sockaddr_un>.size), AF_UNIX)
  }

  /// An entry of `getaddrinfo`'s answer.
  init?(_ entry: addrinfo) {
    guard let address = entry.ai_addr, Int(entry.ai_addrlen) <= MemoryLayout<sockaddr_storage>.size else { return nil }
    var storage = sockaddr_storage()
    withUnsafeMutableBytes(of: &storage) { room in
      room.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen)))
    }
    self.init(storage, entry.ai_addrlen, entry.ai_family)
  }

  private init(_ storage: sockaddr_storage, _ length: socklen_t, _ family: Int32) {
    self.storage = storage
    self.length = length
    self.family = family
  }

  /// Starts a connection: 0, or -1 with `errno`.
  func connect(_ socket: Int32) -> Int32 {
    withUnsafePointer(to: storage) { storage in
      storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(socket, $0, length) }
    }
  }
}
