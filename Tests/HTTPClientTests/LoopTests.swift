import EventLoop
import Foundation
import HTTPClient
import OpshTesting
import PrimitiveKit
import PseudoTerminal
import Subprocess
import Synchronization
import Testing

/// The loop that all requests share never stands still: a timer on it ticks all the while.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct LoopTests {
  /// Measures how long a loop stood still between two ticks of 2 ms.
  private final class Metronome: Sendable {
    private let state = Mutex((longest: Duration.zero, isOver: false))

    init(_ loop: EventLoop) {
      loop.schedule(after: .zero) { [weak self] in self?.tick(loop, .now) }
    }

    var longest: Duration { state.withLock { $0.longest } }

    private func tick(_ loop: EventLoop, _ last: ContinuousClock.Instant) {
      let now = ContinuousClock.now
      state.withLock { $0.longest = max($0.longest, now - last) }
      loop.schedule(after: .milliseconds(2)) { [weak self] in self?.tick(loop, now) }
    }
  }

  /// The longest standstill of the loop while `body` works; the shortest of five, for other programs want the cores, too.
  private func standstill(_ body: () async throws -> Void) async throws -> Duration {
    var shortest = Duration.seconds(3600)
    for _ in 0..<5 {
      let metronome = Metronome(client.loop)
      try await body()
      shortest = min(shortest, metronome.longest)
      if shortest < .milliseconds(50) { break }
    }
    return shortest
  }

  @Test(arguments: ["slow", "large", "header", "bomb", "loop", "reset", "refused"])
  func `slow, large, packed and refused answers do not hold it up`(fault: String) async throws {
    let packed = try gzip([UInt8](repeating: 0, count: 64 << 20))
    let bomb =
      Array("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(packed.count)\r\n\r\n".utf8) + packed
    let page = [UInt8](repeating: 65, count: 4096)
    let server = try SmallServer { _ in
      switch fault {
      case "slow": [.wait]
      case "large": [.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\n\r\n".utf8)), .repeating(page)]
      case "header": [.send(Array("HTTP/1.1 200 OK\r\nX: ".utf8)), .repeating(page)]
      case "bomb": [.send(bomb)]
      case "loop": [SmallServer.answer("302 Found", "", "Location: /")]
      default: [.reset]
      }
    }
    let port = fault == "refused" ? try SmallServer.freePort() : server.port
    let asked = try request("http://127.0.0.1:\(port)/") { request in
      (request.redirects, request.limit) = (20, 64 << 20)
      if fault == "slow" { request.timeout = .milliseconds(300) }
    }
    let longest = try await standstill {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<3 { group.addTask { _ = await problem(asked) } }
        try await group.waitForAll()
      }
    }
    #expect(longest < .milliseconds(50))
  }

  @Test func `a proxy of the environment is not asked`() async throws {
    let server = try SmallServer { _ in [SmallServer.answer("200 OK")] }
    let proxy = ["http_proxy": "http://127.0.0.1:1/", "all_proxy": "http://127.0.0.1:1/"]
    let arguments = [server.url(), "20"]
    let child = Subprocess(path: PseudoTerminal.product("http-probe"), arguments: arguments, environment: proxy)
    let ending = try await child.run()
    #expect(String(decoding: ending.output, as: UTF8.self).hasPrefix("status 200"), "\(ending)")
  }

  @Test func `certificates good and bad do not hold it up`() async throws {
    let servers = try SecureServer.Certificate.allCases.map { try SecureServer($0) }
    let longest = try await standstill {
      for server in servers {
        for authorities in [nil, try SecureServer.authority] {
          _ = await problem(
            try request("https://127.0.0.1:\(server.port)/ok") { $0.authorities = authorities }
          )
        }
      }
    }
    #expect(longest < .milliseconds(50))
  }

  @Test func `a name server that is dead holds up neither the request nor the loop`() async throws {
    // A socket that takes questions and answers none, in place of the name servers of this machine.
    let silent = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(silent) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.9.9.9")
    address.sin_port = UInt16(53).bigEndian
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(silent, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    // Port 53 is for root; without anybody there the look-up fails at once, which proves nothing.
    guard isBound else { return }
    let folder = NSTemporaryDirectory() + "opsh-names-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data("nameserver 127.9.9.9\n".utf8).write(to: URL(fileURLWithPath: "\(folder)/resolv.conf"))
    try Data("hosts: dns\n".utf8).write(to: URL(fileURLWithPath: "\(folder)/nsswitch.conf"))
    let script = """
      mount --bind "$1/resolv.conf" /etc/resolv.conf && mount --bind "$1/nsswitch.conf" /etc/nsswitch.conf &&
        exec "$2" http://desk.example/ 0.5
      """
    var best: [Int] = []
    for _ in 0..<5 {
      var child = Subprocess(
        path: "/usr/bin/unshare",
        arguments: ["-m", "sh", "-c", script, "sh", folder, PseudoTerminal.product("http-probe")]
      )
      child.timeout = .seconds(60)
      let ending = try await child.run()
      let said = String(decoding: ending.output, as: UTF8.self).split(separator: " ")
      try #require(said.first == "http.name" && said.count == 3, "\(ending)")
      best = said.dropFirst().compactMap { Int($0.filter(\.isNumber)) }
      if best[0] < 700, best[1] < 50 { break }
    }
    #expect(best[0] < 1500 && best[1] < 50, "\(best)")
  }

  @Test func `the libcurl of this machine looks names up beside the loop`() {
    #expect(HTTPClient.resolvesApart)
  }
}
