import Foundation
import Glibc
import HTTPClient
import OpshTesting
import PrimitiveKit
import Testing

/// Servers that are slow, cut off, lie or flood: each is a problem of its own, and none takes longer than it may.
@Suite(.timeLimit(.minutes(5)))
struct ProblemTests {
  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  /// What a server does, what it is called, and a part of what is said of it.
  private static let faults: [(acts: [SmallServer.Act], kind: HTTPProblem.Kind, words: String)] = [
    ([.close], .cut, "ended the connection without an answer"),
    ([.reset], .cut, "ended the connection without an answer"),
    ([.wait], .timeout, "did not answer within 0.4 s"),
    ([.send(bytes("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfour")), .wait], .timeout, "did not finish its answer"),
    (
      [.send(bytes("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfour")), .close], .cut,
      "in the middle of its answer, after 4 bytes"
    ),
    (
      [.send(bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")), .close], .cut,
      "in the middle of its answer"
    ),
    ([.send(bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")), .close], .cut, "its answer"),
    ([.send(bytes("SSH-2.0-OpenSSH_9.2\r\n")), .wait], .answer, "cannot be read"),
    (
      [.send(bytes("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"))], .answer,
      "cannot be read"
    ),
    (
      [.send(bytes("HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n")), .wait], .size,
      "is larger than 1000 bytes (status 200)"
    ),
    (
      [.send(bytes("HTTP/1.1 200 OK\r\n\r\n")), .repeating([UInt8](repeating: 65, count: 4096))], .size,
      "is larger than 1000 bytes (status 200)"
    ),
    (
      [
        .send(
          bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        ), .repeating(bytes("1000\r\n") + [UInt8](repeating: 65, count: 4096) + bytes("\r\n")),
      ], .size, "is larger than 1000 bytes"
    ),
    (
      [
        .send(bytes("HTTP/1.1 200 OK\r\nX-Long: ") + [UInt8](repeating: 65, count: 10 << 20) + bytes("\r\n\r\n"))
      ], .size, "answers with a header of more than 100 kB"
    ),
    ([.send(bytes("HTTP/1.1 200 OK\r\n")), .repeating(bytes("X-Many: aaaaaaaaaaaaaaaa\r\n"))], .size, "headers"),
  ]

  @Test(arguments: faults.indices)
  func `each fault of a server is told apart`(index: Int) async throws {
    let fault = Self.faults[index]
    let server = try SmallServer { _ in fault.acts }
    let asked = try request(server.url("/x?token=hidden")) {
      $0.limit = 1000
      if fault.kind == .timeout { $0.timeout = .milliseconds(400) }
    }
    let problem = try #require(await problem(asked))
    #expect(problem.kind == fault.kind && problem.message.contains(fault.words), "\(problem)")
    #expect(
      problem.message.hasPrefix("GET http://127.0.0.1:\(server.port)/x?…: 127.0.0.1:\(server.port) ")
        || fault.kind == .size || fault.kind == .answer,
      "\(problem)"
    )
    #expect(!"\(problem)".contains("hidden"))
    // A read without an answer has changed nothing.
    #expect(!problem.mayHaveHappened && problem.isTimeout == (fault.kind == .timeout))
    // The same of a change says that it may have happened.
    var change = try request(server.url(), .post) { $0.limit = 1000 }
    change.timeout = asked.timeout
    let doubt = try #require(await self.problem(change))
    #expect(doubt.mayHaveHappened && doubt.failureClass == .unknownOutcome && doubt.kind == fault.kind, "\(doubt)")
    #expect(doubt.message.hasSuffix("; it was sent and may have taken effect"))
    #expect(server.requests.filter { $0.method == "POST" }.count == 1)
  }

  private func problem(_ request: HTTPRequest) async -> HTTPProblem? { await HTTPClientTests.problem(request) }

  @Test func `nobody who listens is not a name that nobody knows`() async throws {
    let free = try SmallServer.freePort()
    let refused = try #require(await problem(try request("http://127.0.0.1:\(free)/", .post)))
    #expect(refused.kind == .connect && refused.failureClass == .unavailable && !refused.mayHaveHappened)
    #expect(refused.message.contains("cannot be connected to: Connection refused"), "\(refused)")
    // `.invalid` is nobody's (RFC 6761); without a name server the look-up fails at once.
    let unknown = try #require(await problem(try request("http://nobody.invalid/") { $0.timeout = .seconds(5) }))
    #expect(unknown.kind == .name && unknown.message.contains("the name 'nobody.invalid'"), "\(unknown)")
  }

  @Test func `a packed body counts as what it unpacks to`() async throws {
    let bomb = try gzip([UInt8](repeating: 0, count: 64 << 20))
    #expect(bomb.count < 100_000)
    let server = try SmallServer { _ in
      let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(bomb.count)\r\n\r\n"
      return [.send(Array(head.utf8) + bomb)]
    }
    let problem = try #require(await problem(try request(server.url())))
    #expect(problem.kind == .size && problem.message.contains("larger than 1048576 bytes"), "\(problem)")
    let whole = try await client.send(try request(server.url()) { $0.limit = 64 << 20 })
    #expect(whole.body?.bytes.count == 64 << 20)
  }

  @Test func `Ctrl-C ends a request at once, and tells whether it was sent`() async throws {
    let server = try SmallServer { _ in [.wait] }
    for method: HTTPRequest.Method in [.get, .post] {
      let count = server.requests.count
      let asked = try request(server.url(), method) { $0.timeout = .seconds(600) }
      let work = Task { await HTTPClientTests.problem(asked) }
      await server.requests(atLeast: count + 1)
      work.cancel()
      let problem = try #require(await work.value)
      #expect(problem.kind == .cancelled && problem.mark == .cancelled)
      #expect(problem.failureClass == (method == .get ? .cancelled : .unknownOutcome), "\(problem)")
    }
    let asked = try request(server.url(), .post)
    let early = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await HTTPClientTests.problem(asked)
    }
    let problem = try #require(await early.value)
    #expect(problem.failureClass == .cancelled && !problem.mayHaveHappened, "\(problem)")
  }

  @Test func `a change over a connection that the server gave up is sent once`() async throws {
    // The first answer leaves the connection open, and the next request on it gets none.
    let server = try SmallServer { $0.method == "GET" ? [SmallServer.answer("200 OK")] : [.close] }
    _ = try await client.send(try request(server.url()))
    let problem = try #require(await problem(try request(server.url(), .post)))
    #expect(problem.mayHaveHappened && server.requests.count { $0.method == "POST" } == 1)
  }
}
