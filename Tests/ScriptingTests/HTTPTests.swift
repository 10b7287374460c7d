import Drivers
import Foundation
import HTTPClient
import LuaRuntime
import OpshTesting
import PrimitiveKit
import Scripting
import Synchronization
import Testing

/// `http.*` as scripts call it, against a real server.
@Suite(.timeLimit(.minutes(5)))
struct HTTPTests {
  static let services = Services().with(HTTP.self, HTTPClient())

  private func run(_ code: String, isDryRun: Bool = false, with services: Services = services) async throws -> [Value] {
    try await Bench(isDryRun: isDryRun, services: services).run(code, in: CallContext(isDryRun: isDryRun))
  }

  private func failure(_ code: String) async throws -> CallFailure {
    try await #require(throws: CallFailure.self) { try await run(code) }
  }

  @Test func `a script gets status, headers, body and JSON of an answer`() async throws {
    let server = try SmallServer { request in
      [
        SmallServer.answer(
          "200 OK",
          #"{"id": 9007199254740993, "n": null}"#,
          "Content-Type: application/json; charset=utf-8"
        )
      ]
    }
    let code = """
      local r = http.get{ url = "\(server.url("/a?x=1"))", headers = { Accept = "application/json", ["X-Number"] = 5 } }
      return r.ok, r.status, r.headers["content-type"], r.json.id, r.json.n == json.null, #r.body, r.url, r.attempts
      """
    #expect(
      try await run(code) == [
        .bool(true), .int(200), .string("application/json; charset=utf-8"), .int(9_007_199_254_740_993), .bool(true),
        .int(35), .string(server.url("/a?…")), .int(1),
      ]
    )
    #expect(server.requests[0].headers["x-number"] == "5")
    #expect(try await run(#"return http.head("\#(server.url())").body"#) == [.string("")])
  }

  @Test func `a change sends its body and a key that names it`() async throws {
    let server = try SmallServer { _ in [SmallServer.answer("201 Created", "made")] }
    let url = server.url("/deposits")
    _ = try await run(#"return http.post{ url = "\#(url)", json = { user = "u1", tags = json.array {} } }"#)
    _ = try await run(#"return http.put{ url = "\#(url)", body = "a\0b", headers = { ["Content-Type"] = "text/x" } }"#)
    _ = try await run(#"return http.delete{ url = "\#(url)", key_header = "" }"#)
    let seen = server.requests
    #expect(seen.map(\.method) == ["POST", "PUT", "DELETE"])
    #expect(
      seen[0].body == Array(#"{"tags":[],"user":"u1"}"#.utf8) && seen[0].headers["content-type"] == "application/json"
    )
    #expect(seen[1].body == [97, 0, 98] && seen[1].headers["content-type"] == "text/x")
    let keys = seen.map { $0.headers["idempotency-key"] }
    #expect(keys[0] != nil && keys[1] != nil && keys[0] != keys[1] && keys[2] == nil)
  }

  @Test(arguments: [
    (#"http.get "ftp://h/""#, "http.get: 'url' should be an address such as"),
    (#"http.get "http://jo:word@h:x/?q=word""#, "got one that has a port that is none"),
    (#"http.get{ url = "http://h/", headers = { X = "a\nb" } }"#, "got 'X' with a line break"),
    (#"http.get{ url = "http://h/", headers = { X = true } }"#, "got a boolean for 'X'"),
    (#"http.get{ url = "http://h/", headers = { X = ("word"):rep(1 << 20) } }"#, "got 'X' with 4194304 bytes"),
    (#"http.get{ url = "http://h/", headers = { ["Content-Length"] = 5 } }"#, "got 'Content-Length'"),
    (#"http.get{ url = "http://h/", timeout = 0 }"#, "http.get: 'timeout' should be more than 0 s"),
    (#"http.get{ url = "http://h/", retries = 21 }"#, "http.get: 'retries' should be 0 to 20, got 21"),
    (#"http.get{ url = "http://h/", limit = 1 << 30 }"#, "http.get: 'limit' should be 0 to"),
    (#"http.post{ url = "http://h/", json = {}, body = "x" }"#, "'json' and 'body' cannot be given together"),
    (#"http.post{ url = "http://h/", json = { x = 0/0 } }"#, "JSON has no such number"),
    (#"http.post{ url = "http://h/", lookup = "key" }"#, "http.post: 'lookup' should be an address"),
  ])
  func `a wrong argument is named, and no secret with it`(code: String, message: String) async throws {
    let failure = try await failure(code)
    #expect(failure.message.contains(message) && !"\(failure)".contains("word"), "\(failure)")
  }

  @Test func `a status that is no success raises an error that tells it, or is returned`() async throws {
    let server = try SmallServer { request in
      [
        SmallServer.answer(
          "\(request.target.dropFirst().prefix(3)) Word",
          "no token abcdef99\nmore",
          "Location: /x?abcdef99"
        )
      ]
    }
    let url = server.url("/404?token=abcdef99")
    let missing = try await failure(#"http.get "\#(url)""#)
    #expect(missing.code == "http.status" && missing.failureClass == .failed)
    #expect(missing.message == "GET \(server.url("/404?…")): the server answers 404: no token ***")
    #expect(try await run(#"return http.get{ url = "\#(url)", check = false }.status"#) == [.int(404)])
    let hidden = try await failure(#"http.get{ url = "\#(url)", private = true }"#)
    #expect(hidden.message == "GET http://127.0.0.1:\(server.port)/…: the server answers 404")
    for (status, isInDoubt) in [(400, false), (409, false), (500, true), (501, false), (503, true), (504, true)] {
      let failed = try await failure(#"http.post "\#(server.url("/\(status)"))""#)
      #expect(failed.leavesUnknown == isInDoubt && failed.message.contains("answers \(status)"), "\(failed)")
    }
    let moved = try await failure(#"http.post "\#(server.url("/307"))""#)
    #expect(moved.message.contains("redirects (307) to /x?…, and a change is not sent again elsewhere"), "\(moved)")
  }

  @Test func `a read is asked again when that may help, a change only while nothing was sent`() async throws {
    let counter = Counter()
    let server = try SmallServer { request in
      let count = counter.next()
      if request.method == "POST" || count == 1 { return [.close] }
      return [SmallServer.answer(count == 2 ? "503 Busy" : "200 OK", "ok", "Retry-After: 3")]
    }
    let bench = Bench(services: Self.services)
    let code = #"local r = http.get{ url = "\#(server.url())", retries = 3 } return r.body, r.attempts"#
    #expect(try await bench.run(code) == [.string("ok"), .int(3)])
    // As long as the server wished, and a quarter of a second before.
    #expect(bench.clock.now.offset == .milliseconds(3250))
    let failed = try await failure(#"http.post{ url = "\#(server.url())", retries = 3 }"#)
    #expect(failed.leavesUnknown && server.requests.count { $0.method == "POST" } == 1, "\(failed)")
    let free = try SmallServer.freePort()
    let refused = try await failure(#"http.post{ url = "http://127.0.0.1:\#(free)/", retries = 2 }"#)
    #expect(refused.failureClass == .unavailable && refused.message.hasSuffix(" (3 attempts)"), "\(refused)")
  }

  @Test func `a dry run reads, sends nothing, and does not know what a server answers after a change`() async throws {
    let server = try SmallServer { _ in [SmallServer.answer("200 OK", "5")] }
    let bench = Bench(isDryRun: true, services: Self.services)
    let code = """
      local before = http.get("\(server.url())").body
      local r = http.post{ url = "\(server.url("/x?token=hidden"))", body = "12345" }
      return before, r.status
      """
    let answers = try await bench.run(code, in: CallContext(isDryRun: true))
    guard answers.count == 2, case .unknown(let unknown) = answers[1] else {
      Issue.record("\(answers)")
      return
    }
    #expect(answers[0] == .string("5") && unknown.why == "what a server answers is not known until it was asked")
    #expect(bench.dialogue.said == ["  would send POST \(server.url("/x?…")) (5 bytes) (dry run)"])
    #expect(server.requests.map(\.method) == ["GET"])
    let context = bench.context(MemoryRecord(), .dry)
    let after = #"http.post "\#(server.url("/x"))" return http.get("\#(server.url("/y"))")"#
    guard case .unknown(let why)? = try await bench.run(after, in: context).first else {
      Issue.record("a read after a change is known")
      return
    }
    #expect(why.why.contains("http.send"))
    #expect(server.requests.count == 1)
  }

  @Test func `Ctrl-C ends a wait for the next attempt`() async throws {
    let free = try SmallServer.freePort()
    let bench = Bench(services: Self.services)
    let engine = try bench.engine()
    let code = #"http.get{ url = "http://127.0.0.1:\#(free)/", retries = 20, timeout = 3600 }"#
    let work = Task { try await engine.run(code, name: "=test", kind: .script) }
    await bench.clock.sleepers(atLeast: 1)
    engine.cancel()
    let failure = await #expect(throws: CallFailure.self) { try await work.value }
    #expect(failure?.isStop == true)
  }
}

/// Counts from 1.
final class Counter: Sendable {
  private let count = Mutex(0)
  func next() -> Int {
    count.withLock { count in
      count += 1
      return count
    }
  }
}
