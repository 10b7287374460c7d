import Foundation
import Glibc
import Synchronization

/// Stands between libpq and the server on a local socket, and hangs up once at a word that the client sends.
package final class CuttingProxy: Sendable {
  /// When it hangs up.
  package enum Cut {
    /// The server never hears the word.
    case before(String)
    /// The server has answered, and the client does not hear it.
    case answer(to: String)
  }

  package let directory: String
  private let server: String
  private let cut: Mutex<Cut?>

  /// Listens below the directory of the server's socket, with which it goes.
  package init(server: String, cut: Cut) throws {
    directory = server + "/proxy-\(UUID().uuidString.prefix(8))"
    self.server = server
    self.cut = Mutex(cut)
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let listener = CuttingProxy.socket(in: directory) { bind($0, $1, $2) }
    listen(listener, 8)
    Thread.detachNewThread { [self] in
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return }
        Thread.detachNewThread { [self] in carry(client) }
      }
    }
  }

  private func carry(_ client: Int32) {
    let server = CuttingProxy.socket(in: server) { connect($0, $1, $2) }
    defer {
      close(client)
      close(server)
    }
    while true {
      var ready = [
        pollfd(fd: client, events: Int16(POLLIN), revents: 0), pollfd(fd: server, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&ready, 2, -1) > 0 else { return }
      if ready[0].revents != 0 {
        guard let bytes = CuttingProxy.receive(client) else { return }
        switch take(bytes) {
        case .before?: return
        case .answer?:
          _ = send(server, bytes, bytes.count, Int32(MSG_NOSIGNAL))
          _ = CuttingProxy.receive(server)
          return
        case nil: _ = send(server, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        }
      } else {
        guard let bytes = CuttingProxy.receive(server) else { return }
        _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
      }
    }
  }

  // The cut, when these bytes are what it waits for: it strikes once.
  private func take(_ bytes: [UInt8]) -> Cut? {
    cut.withLock { cut in
      let word =
        switch cut {
        case .before(let word)?, .answer(let word)?: word
        case nil: ""
        }
      guard !word.isEmpty, String(decoding: bytes, as: UTF8.self).contains(word) else { return nil }
      defer { cut = nil }
      return cut
    }
  }

  private static func receive(_ socket: Int32) -> [UInt8]? {
    var room = [UInt8](repeating: 0, count: 1 << 16)
    let length = recv(socket, &room, room.count, 0)
    return length > 0 ? Array(room[..<length]) : nil
  }

  private static func socket(
    in directory: String,
    _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: "\(directory)/.s.PGSQL.5432".utf8) }
    _ = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        use(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    return descriptor
  }
}
