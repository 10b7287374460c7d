import Foundation
import Glibc
import Synchronization

/// A server on a free port of 127.0.0.1 that does what a test tells it, byte by byte.
package final class SmallServer: Sendable {
  package struct Request: Sendable {
    package let method: String
    package let target: String
    /// Names in lower case.
    package let headers: [String: String]
    package let body: [UInt8]
    /// The number of the connection that it came on, from 1.
    package let connection: Int
  }

  /// What it does with a request, in order; the connection stays open at the end.
  package enum Act: Sendable {
    case send([UInt8])
    /// The same again and again, until the client leaves.
    case repeating([UInt8])
    /// Waits until the test lets it continue.
    case wait
    case close
    /// Ends the connection by a reset.
    case reset
  }

  package let port: UInt16
  private let descriptor: Int32
  private let answer: @Sendable (Request) -> [Act]
  private struct State {
    var requests: [Request] = []
    var connections = 0
    var waiting: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
  }

  private let state = Mutex(State())
  private let gate = Gate()

  package init(_ answer: @escaping @Sendable (Request) -> [Act]) throws {
    self.answer = answer
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, length) == 0 && listen(descriptor, 64) == 0
          && getsockname(descriptor, pointer, &length) == 0
      }
    }
    guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
    port = UInt16(bigEndian: address.sin_port)
    // The thread closes what it accepts from: its number could be that of another server by the next call.
    Thread { [weak self] in
      defer { close(descriptor) }
      while case let peer = accept(descriptor, nil, nil), peer >= 0 {
        guard let self else {
          close(peer)
          break
        }
        let number = state.withLock { state in
          state.connections += 1
          return state.connections
        }
        Thread { [weak self] in SmallServer.serve(peer, number) { self } }.start()
      }
    }.start()
  }

  deinit {
    gate.open()
    shutdown(descriptor, Int32(SHUT_RDWR))
  }

  /// Its address with a path.
  package func url(_ path: String = "/") -> String { "http://127.0.0.1:\(port)\(path)" }

  /// Everything it was asked, in order.
  package var requests: [Request] { state.withLock { $0.requests } }

  /// Waits until it was asked so many times.
  package func requests(atLeast count: Int) async {
    await withCheckedContinuation { continuation in
      let isReached = state.withLock { state in
        if state.requests.count >= count { return true }
        state.waiting.append((count, continuation))
        return false
      }
      if isReached { continuation.resume() }
    }
  }

  /// Lets every answer that waits continue.
  package func release() { gate.open() }

  /// A port on which nobody listens.
  package static func freePort() throws -> UInt16 {
    let server = try SmallServer { _ in [] }
    return server.port
  }

  /// A whole answer.
  package static func answer(_ status: String, _ body: String = "", _ headers: String...) -> Act {
    let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + headers
    return .send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8))
  }

  // MARK: Connections

  private static func serve(_ peer: Int32, _ number: Int, _ server: () -> SmallServer?) {
    defer { close(peer) }
    var read: [UInt8] = []
    while let request = request(peer, &read, number) {
      guard let acts = server()?.take(request) else { return }
      for act in acts {
        guard perform(act, peer, server()?.gate) else { return }
      }
    }
  }

  private func take(_ request: Request) -> [Act] {
    let reached = state.withLock { state in
      state.requests.append(request)
      let count = state.requests.count
      defer { state.waiting.removeAll { $0.count <= count } }
      return state.waiting.filter { $0.count <= count }
    }
    for waiting in reached { waiting.continuation.resume() }
    return answer(request)
  }

  /// False where the connection is over.
  private static func perform(_ act: Act, _ peer: Int32, _ gate: Gate?) -> Bool {
    switch act {
    case .send(let bytes): return write(bytes, peer)
    case .repeating(let bytes):
      while write(bytes, peer) {}
      return false
    case .wait:
      gate?.wait()
      return true
    case .close: return false
    case .reset:
      var linger = linger(l_onoff: 1, l_linger: 0)
      setsockopt(peer, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
      return false
    }
  }

  private static func write(_ bytes: [UInt8], _ peer: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(peer, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// The next request of a connection; nil at its end.
  private static func request(_ peer: Int32, _ read: inout [UInt8], _ number: Int) -> Request? {
    let end = Array("\r\n\r\n".utf8)
    while read.firstRange(of: end) == nil {
      guard fill(&read, peer) else { return nil }
    }
    guard let head = read.firstRange(of: end) else { return nil }
    let lines = String(decoding: read[..<head.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ").map(String.init)
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    read.removeSubrange(..<head.upperBound)
    let length = headers["content-length"].flatMap { Int($0) } ?? 0
    while read.count < length {
      guard fill(&read, peer) else { return nil }
    }
    let body = Array(read.prefix(length))
    read.removeFirst(length)
    guard words.count > 1 else { return nil }
    return Request(method: words[0], target: words[1], headers: headers, body: body, connection: number)
  }

  private static func fill(_ read: inout [UInt8], _ peer: Int32) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(peer, &buffer, buffer.count, 0)
    guard count > 0 else { return false }
    read += buffer[..<count]
    return true
  }

  /// Holds threads until it is opened.
  private final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func wait() {
      semaphore.wait()
      // The next one passes, too.
      semaphore.signal()
    }

    func open() { semaphore.signal() }
  }
}
