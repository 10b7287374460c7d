import Foundation
import HTTPClient
import OpshTesting
import PrimitiveKit
import Testing

/// What a server that answers is understood to say.
@Suite(.timeLimit(.minutes(5)))
struct AnswerTests {
  @Test func `a request arrives as it was given, and its answer as it was sent`() async throws {
    let server = try SmallServer { _ in [SmallServer.answer("201 Created", "héllo", "X-One: a", "x-one:  b ")] }
    var asked = try request(server.url("/a/b?x=1&y=%20"), .put)
    asked.headers = [try HTTPHeader("X-Given", .text("some value")), try HTTPHeader("X-Empty", .text(""))]
    asked.body = [0, 255, 10]
    let answer = try await client.send(asked)
    #expect(answer.status == 201 && answer.text == "héllo" && answer.headers["x-one"] == "a, b")
    #expect(answer.address == "http://127.0.0.1:\(server.port)/a/b?…" && answer.seconds > 0)
    let seen = try #require(server.requests.first)
    #expect(seen.method == "PUT" && seen.target == "/a/b?x=1&y=%20" && seen.body == [0, 255, 10])
    #expect(seen.headers["x-given"] == "some value" && seen.headers["x-empty"] == "")
    #expect(seen.headers["user-agent"] == "opsh/test" && seen.headers["host"] == "127.0.0.1:\(server.port)")
    // libcurl would take a body for a form, and wait before it sends a long one.
    #expect(seen.headers["content-type"] == nil && seen.headers["expect"] == nil)
  }

  @Test(arguments: HTTPRequest.Method.allCases)
  func `each method is sent as what it is, with and without a body`(method: HTTPRequest.Method) async throws {
    let server = try SmallServer { [SmallServer.answer("200 OK", $0.method == "HEAD" ? "" : "done")] }
    for body: [UInt8]? in method.isRead ? [nil] : [nil, [], Array(repeating: 65, count: 3_000_000)] {
      let answer = try await client.send(try request(server.url(), method) { $0.body = body })
      #expect(answer.status == 200 && answer.text == (method == .head ? "" : "done"))
      let seen = try #require(server.requests.last)
      #expect(seen.method == method.rawValue && seen.body == body ?? [])
    }
  }

  @Test func `a status is an answer, whatever it is`() async throws {
    let server = try SmallServer { [SmallServer.answer("\($0.target.dropFirst()) Word", "why")] }
    for status in [204, 304, 401, 404, 407, 429, 500, 503] {
      let answer = try await client.send(try request(server.url("/\(status)")))
      #expect(answer.status == status)
    }
  }

  @Test func `a HEAD waits for no body`() async throws {
    let server = try SmallServer { _ in [.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".utf8))] }
    let answer = try await client.send(try request(server.url(), .head))
    #expect(answer.headers["content-length"] == "99999999999" && answer.text == "")
  }

  @Test func `pieces, packed bodies and interim answers are put together`() async throws {
    let packed = try gzip(Array("packed".utf8))
    let server = try SmallServer { request in
      switch request.target {
      case "/chunked":
        let text =
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-End: z\r\n\r\n"
        return [.send(Array(text.utf8))]
      case "/packed":
        let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(packed.count)\r\n\r\n"
        return [.send(Array(head.utf8) + packed)]
      default:
        let text = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nlater"
        return [.send(Array(text.utf8))]
      }
    }
    #expect(try await client.send(try request(server.url("/chunked"))).text == "abcde")
    #expect(try await client.send(try request(server.url("/packed"))).text == "packed")
    let late = try await client.send(try request(server.url("/early")))
    #expect(late.status == 200 && late.text == "later" && late.headers["link"] == nil)
  }

  @Test func `a server that sends more than it said is believed what it said`() async throws {
    let server = try SmallServer { _ in
      [.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour and more".utf8)), .close]
    }
    #expect(try await client.send(try request(server.url())).text == "four")
  }

  @Test func `reads share a connection, and a change never goes over a used one`() async throws {
    let server = try SmallServer { _ in [SmallServer.answer("200 OK")] }
    // Of its own, for the shared one keeps only so many connections.
    let client = HTTPClient()
    for method: HTTPRequest.Method in [.get, .get, .post, .post] {
      _ = try await client.send(try request(server.url(), method))
    }
    let connections = server.requests.map(\.connection)
    #expect(connections[0] == connections[1] && Set(connections[1...]).count == 3)
  }

  @Test func `user and password of an address are sent and shown nowhere`() async throws {
    let server = try SmallServer { _ in [SmallServer.answer("200 OK")] }
    let asked = try request("http://jo%40x:p%3Ass@127.0.0.1:\(server.port)/")
    let answer = try await client.send(asked)
    #expect(server.requests[0].headers["authorization"] == "Basic \(Data("jo@x:p:ss".utf8).base64EncodedString())")
    for secret in ["jo%40x", "p%3Ass", "p:ss"] {
      #expect(!"\(answer) \(asked) \(asked.line)".contains(secret))
    }
  }
}

func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
  let process = Process()
  let (input, output) = (Pipe(), Pipe())
  process.executableURL = URL(fileURLWithPath: "/bin/gzip")
  process.arguments = ["-c"]
  (process.standardInput, process.standardOutput) = (input, output)
  try process.run()
  let writer = Thread {
    try? input.fileHandleForWriting.write(contentsOf: Data(bytes))
    try? input.fileHandleForWriting.close()
  }
  writer.start()
  return Array(output.fileHandleForReading.readDataToEndOfFile())
}
