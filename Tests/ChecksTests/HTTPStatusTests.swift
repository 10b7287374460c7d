import Foundation
import Glibc
import OpshTesting
import PrimitiveKit
import Site
import Subprocess
import Synchronization
import Testing

@testable import Checks

/// The status of an HTTP answer, by the real curl against a real socket.
struct HTTPStatusTests {
  /// Answers every connection with the same bytes.
  private final class Server: Sendable {
    let port: UInt16
    private let descriptor: Int32

    init(_ answer: String) throws {
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      self.descriptor = descriptor
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = inet_addr("127.0.0.1")
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let isBound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
          bind(descriptor, pointer, length) == 0 && listen(descriptor, 8) == 0
            && getsockname(descriptor, pointer, &length) == 0
        }
      }
      try #require(isBound)
      port = UInt16(bigEndian: address.sin_port)
      Thread {
        while case let peer = accept(descriptor, nil, nil), peer >= 0 {
          var buffer = [UInt8](repeating: 0, count: 4096)
          _ = recv(peer, &buffer, buffer.count, 0)
          let bytes = Array(answer.utf8)
          if !bytes.isEmpty { _ = send(peer, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }
          shutdown(peer, Int32(SHUT_RDWR))
          close(peer)
        }
      }.start()
    }

    deinit {
      shutdown(descriptor, Int32(SHUT_RDWR))
      close(descriptor)
    }
  }

  private func finding(_ url: String, path: String? = nil) async throws -> Finding? {
    let transport = ScriptedTransport { request, host throws(TransportError) in
      var child = Subprocess(path: "/bin/sh", arguments: ["-c", request.line])
      if let path { child.environment = ["PATH": path] }
      child.timeout = .seconds(60)
      do {
        let ending = try await child.run()
        return CommandResult(
          status: ending.status.map(Int.init),
          output: Array(ending.output),
          errorOutput: Array(ending.errorOutput)
        )
      } catch {
        throw .lost(host: host.name, reason: "\(error)")
      }
    }
    var stand = Stand(hosts: transport)
    stand.surroundings.site = try testSite(["web1"])
    try stand.site(["checks": .table(["desk.api": .table(["kind": .string("http"), "url": .string(url)])])])
    return try await stand.findings().first
  }

  @Test(arguments: [
    ("200 OK", CheckLevel.ok, 200.0), ("204 No Content", .ok, 204), ("302 Found", .warn, 302),
    ("404 Not Found", .bad, 404),
    ("503 Service Unavailable", .bad, 503),
  ])
  func `the status is what is judged`(status: String, level: CheckLevel, value: Double) async throws {
    let server = try Server("HTTP/1.1 \(status)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    let finding = try await finding("http://127.0.0.1:\(server.port)/health?a=[1]&b={x}")
    #expect(finding?.level == level && finding?.value == value, "\(finding?.line ?? "")")
    // What follows the path may be a secret.
    #expect(finding?.evidence["url"] == .string("http://127.0.0.1:\(server.port)/health?…"))
  }

  @Test func `nobody who answers is BAD, and says why`() async throws {
    let silent = try Server("")
    let empty = try await finding("http://127.0.0.1:\(silent.port)/")
    #expect(empty?.level == .bad && empty?.value == 0, "\(empty?.line ?? "")")
    let refused = try await finding("http://127.0.0.1:1/")
    #expect(refused?.level == .bad && refused?.evidence["problem"] != .null, "\(refused?.line ?? "")")
  }

  @Test func `what could not be asked is UNKNOWN`() async throws {
    let name = try await finding("http://no-such-host.invalid/")
    #expect(name?.level == .unknown && name?.note.contains("resolve") == true, "\(name?.line ?? "")")
    let tool = try await finding("http://127.0.0.1:1/", path: "/nowhere")
    #expect(tool?.level == .unknown && tool?.note.contains("the host has no curl") == true, "\(tool?.line ?? "")")
  }

  @Test(arguments: [
    ("ftp://x/", "begins with http:// or https://"), ("127.0.0.1:80", "begins with http:// or https://"),
    ("http://", "begins with http:// or https://"), ("http://anna:geheim@x/", "without a password"),
    ("http://x/ y", "without blanks"),
  ])
  func `an address that cannot be asked is an error`(url: String, words: String) {
    var stand = Stand()
    let error = #expect(throws: DataError.self) {
      try stand.site(["checks": .table(["desk.api": .table(["kind": .string("http"), "url": .string(url)])])])
    }
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("geheim") != true || !words.contains("password"), "\(error?.message ?? "")")
  }
}
