import Glibc
package import PrimitiveKit

/// Sends each head to the system's log as a datagram (RFC 3164), as `logger` does.
package struct SyslogSink: HeadSink {
  private let path: String
  private let process: String

  /// `path` is the socket of the system's log.
  package init(path: String = "/dev/log", process: String = "opsh[\(getpid())]") {
    self.path = path
    self.process = process
  }

  package var name: String { "syslog" }

  package func send(_ line: String) async throws(CallFailure) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw failure("the path is too long") }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    // Not waiting: a log that takes nothing holds no run up.
    let socket = Glibc.socket(
      AF_UNIX,
      Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue),
      0
    )
    guard socket >= 0 else { throw failure(String(cString: strerror(errno))) }
    defer { close(socket) }
    // Facility 10, security and authorisation; severity 5, a notice.
    let message = Array("<\(10 * 8 + 5)>\(process): audit head \(line)".utf8)
    let sent = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        return sendto(socket, message, message.count, Int32(MSG_NOSIGNAL), address, size)
      }
    }
    guard sent == message.count else { throw failure("\(path): \(String(cString: strerror(errno)))") }
  }

  private func failure(_ reason: String) -> CallFailure { .auditSink(name, reason) }
}
