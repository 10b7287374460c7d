import HTTPClient
import OpshTesting
import PrimitiveKit
import Testing

@Suite(.timeLimit(.minutes(5)))
struct RedirectTests {
  private func moving(_ location: @escaping @Sendable (SmallServer.Request) -> String?) throws -> SmallServer {
    try SmallServer { request in
      guard let place = location(request) else { return [SmallServer.answer("200 OK", "here")] }
      return [SmallServer.answer("302 Found", "", "Location: \(place)")]
    }
  }

  private func following(_ url: String, _ method: HTTPRequest.Method = .get) throws -> HTTPRequest {
    try request(url, method) { request in
      request.redirects = 5
      request.headers = ["Accept", "Authorization", "Cookie", "X-Key"].compactMap {
        try? HTTPHeader($0, .text("given"))
      }
    }
  }

  @Test func `a read follows a few redirects, relative ones too, and keeps its headers at home`() async throws {
    let places = ["/a/b?q=1": "../c", "/c": "d?e", "/d?e": "?f", "/d?f": "//127.0.0.1:PORT/g"]
    let server = try SmallServer { request in
      guard let place = places[request.target] else { return [SmallServer.answer("200 OK", "here")] }
      let port = request.headers["host"]?.split(separator: ":").last ?? ""
      return [SmallServer.answer("302 Found", "", "Location: \(place.replacing("PORT", with: port))")]
    }
    let answer = try await client.send(try following(server.url("/a/b?q=1")))
    #expect(answer.text == "here" && answer.address == server.url("/g"))
    #expect(server.requests.map(\.target) == ["/a/b?q=1", "/c", "/d?e", "/d?f", "/g"])
    #expect(server.requests.allSatisfy { $0.headers["x-key"] == "given" && $0.headers["authorization"] == "given" })
  }

  @Test func `another host gets nothing that was meant for the first`() async throws {
    let other = try SmallServer { _ in [SmallServer.answer("200 OK", "there")] }
    let port = other.port
    let server = try moving { _ in "http://127.0.0.1:\(port)/" }
    let url = server.url().replacing("127.0.0.1", with: "jo:word@127.0.0.1")
    #expect(try await client.send(try following(url)).text == "there")
    let seen = other.requests[0].headers
    #expect(seen["accept"] == "given" && seen["authorization"] == nil && seen["cookie"] == nil && seen["x-key"] == nil)
  }

  @Test func `a loop, another protocol and an answer without a place end it`() async throws {
    let loop = try moving { _ in "/again?token=hidden" }
    let problem = try #require(await problem(try following(loop.url())))
    #expect(problem.kind == .redirect && problem.message.contains("more than 5 redirects"), "\(problem)")
    #expect(problem.failureClass == .failed && loop.requests.count == 6 && !problem.message.contains("hidden"))
    for place in ["file:///etc/passwd", "ftp://127.0.0.1/", "http://", "gopher://x"] {
      let server = try moving { _ in place }
      let problem = try #require(await HTTPClientTests.problem(try following(server.url())))
      #expect(problem.kind == .redirect && problem.message.contains("no address of HTTP"), "\(problem)")
    }
    let blank = try SmallServer { _ in [SmallServer.answer("302 Found")] }
    #expect(try await client.send(try following(blank.url())).status == 302)
  }

  @Test func `a change follows no redirect`() async throws {
    let server = try moving { $0.target == "/" ? "/other" : nil }
    for method: HTTPRequest.Method in [.post, .put, .delete] {
      #expect(try await client.send(try following(server.url(), method)).status == 302)
    }
    #expect(server.requests.count == 3)
  }

  @Test func `all redirects share the time of the request`() async throws {
    let server = try SmallServer { request in
      request.target == "/" ? [SmallServer.answer("302 Found", "", "Location: /slow")] : [.wait]
    }
    var asked = try following(server.url())
    asked.timeout = .milliseconds(300)
    let problem = try #require(await problem(asked))
    #expect(problem.kind == .timeout && problem.message.contains("within 0.3 s"), "\(problem)")
  }
}
