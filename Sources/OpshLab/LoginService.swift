import Glibc

/// A client of the lab's login service, for its counters and its switches.
package struct LoginService: Sendable {
  package let address: String
  package let port: Int

  /// What the service says about itself and the bots.
  package struct Status: Sendable, Equatable {
    /// `sessions`, `logins`, `limited`, `refused`, `duplicates`, `rate`, `burst`, `ban`.
    package var counters: [String: Double] = [:]
    /// The bots with a session; a bot with two is here twice.
    package var sessions: [String] = []
    /// The bots that logged in a second time while they had a session.
    package var duplicates: [String] = []
    package var refusedHosts: [String] = []
  }

  package func status() throws -> Status {
    var status = Status()
    for line in try ask("STATUS").split(separator: "\n") {
      let words = line.split(separator: " ")
      let fields = Dictionary(
        words.dropFirst().compactMap { word -> (String, String)? in
          let parts = word.split(separator: "=", maxSplits: 1)
          return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
        },
        uniquingKeysWith: { first, _ in first }
      )
      switch words.first {
      case "service": status.counters = fields.compactMapValues(Double.init)
      case "session": status.sessions.append(fields["bot"] ?? "")
      case "duplicate": status.duplicates.append(fields["bot"] ?? "")
      case "refuse": status.refusedHosts.append(fields["host"] ?? "")
      default: break
      }
    }
    return status
  }

  /// Lets `rate` logins a second in, `burst` at once.
  package func limit(rate: Int, burst: Int) throws { try order("RATE \(rate) \(burst)") }

  /// How long a bot over the limit is banned, in seconds; an attempt during the ban starts it again (R1-20).
  package func ban(seconds: Double) throws { try order("BAN \(seconds)") }
  func refuse(host: String) throws { try order("REFUSE \(host)") }
  func allow(host: String) throws { try order("ALLOW \(host)") }

  /// Sets counters and duplicates to zero.
  package func forget() throws { try order("FORGET") }

  private func order(_ line: String) throws {
    let reply = try ask(line)
    guard reply.hasPrefix("OK") else { throw failure("answered '\(reply.trimmed)' to '\(line)'") }
  }

  func ask(_ line: String) throws(LabError) -> String {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw failure(String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout.size(ofValue: limit)))
    guard withSocketAddress(address, port, { connect(descriptor, $0, $1) }) == 0 else {
      throw failure(String(cString: strerror(errno)))
    }
    let bytes = Array((line + "\n").utf8)
    guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
      throw failure(String(cString: strerror(errno)))
    }
    var reply: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count <= 0 { throw failure("ended before it answered") }
      reply += buffer.prefix(count)
      let complete = line == "STATUS" ? reply.suffix(3) == [10, 46, 10] : reply.last == 10
      if complete { return String(decoding: reply, as: UTF8.self) }
    }
  }

  private func failure(_ detail: String) -> LabError {
    .notReady(what: "the login service on \(address):\(port)", detail: detail)
  }
}
