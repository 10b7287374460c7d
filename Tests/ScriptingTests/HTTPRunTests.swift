import Drivers
import Foundation
import HTTPClient
import OpshTesting
import PrimitiveKit
import Synchronization
import Testing

/// What a journal and a recording hold of requests, and what a resumed run makes of one that was cut off.
@Suite(.timeLimit(.minutes(5)))
struct HTTPRunTests {
  private let bench = Bench(services: HTTPTests.services)

  private func run(_ code: String, _ record: MemoryRecord) async throws -> [Value] {
    try await bench.run(code, in: bench.context(record))
  }

  private func failure(_ code: String, _ record: MemoryRecord) async throws -> CallFailure {
    try await #require(throws: CallFailure.self) { try await run(code, record) }
  }

  @Test func `no query, no credentials, no value of a header and no body reach the journal`() async throws {
    let server = try SmallServer { _ in
      [
        SmallServer.answer(
          "200 OK",
          "you said secret-1 secret-2 secret-3 secret-4",
          "Set-Cookie: a=secret-5",
          "X-Auth-Token: secret-6",
          "Location: /x?secret-7"
        )
      ]
    }
    let record = MemoryRecord()
    let code = """
      local r = http.post{
        url = "http://jo:secret-1@127.0.0.1:\(server.port)/a?token=secret-2",
        headers = { Authorization = "Bearer secret-3", ["X-Api-Key"] = "secret-4", Accept = "text/plain" },
        body = "secret-8",
      }
      return r.body, r.headers["x-auth-token"]
      """
    #expect(
      try await run(code, record) == [.string("you said secret-1 secret-2 secret-3 secret-4"), .string("secret-6")]
    )
    let written = "\(record.intents) \(record.ends) \(record.writes)"
    #expect(!written.contains("secret-") && written.contains("you said *** *** *** ***"), "\(written)")
    #expect(record.intents.map(\.summary) == ["send POST http://127.0.0.1:\(server.port)/a?… (8 bytes)"])
  }

  @Test func `a private request leaves no path and no answer`() async throws {
    let server = try SmallServer { _ in [SmallServer.answer("200 OK", "secret-1", "Content-Type: text/plain")] }
    let record = MemoryRecord()
    let code = #"return http.post{ url = "\#(server.url("/hooks/secret-2"))", body = "x", private = true }.body"#
    #expect(try await run(code, record) == [.string("secret-1")])
    #expect(!"\(record.intents) \(record.ends)".contains("secret-"), "\(record.ends)")
    // The run has ended this one: it is answered without its body and not sent again.
    #expect(try await run(code, record) == [.null] && server.requests.count == 1)
  }

  @Test func `a run that is taken up again gets the answer of what it sent`() async throws {
    let server = try SmallServer { [SmallServer.answer("200 OK", "for \(String(decoding: $0.body, as: UTF8.self))")] }
    let record = MemoryRecord()
    let code = """
      local said = {}
      for _, user in ipairs { "u1", "u2", "u1" } do
        said[#said + 1] = http.post{ url = "\(server.url())", body = user }.body
      end
      return table.concat(said, ",")
      """
    for _ in 0..<2 { #expect(try await run(code, record) == [.string("for u1,for u2,for u1")]) }
    #expect(server.requests.count == 3)
    #expect(Set(server.requests.compactMap { $0.headers["idempotency-key"] }).count == 3)
  }

  @Test func `what was cut off is not sent again: it is unknown`() async throws {
    let server = try SmallServer { _ in [.close] }
    let record = MemoryRecord()
    let code = #"return http.post{ url = "\#(server.url())", body = "x" }.status"#
    let first = try await failure(code, record)
    #expect(first.leavesUnknown)
    let key = try #require(server.requests[0].headers["idempotency-key"])
    #expect(first.hint == "ask the server for the outcome of the request with the Idempotency-Key \(key)")
    let second = try await failure(code, record)
    #expect(second.leavesUnknown && second.message.contains("`lookup` names an address that does"), "\(second)")
    #expect(server.requests.count == 1)
  }

  /// What a look-up answers, and what then becomes of a request that was cut off.
  @Test(arguments: [
    ("POST", "200 OK", true, 1), ("POST", "404 Not Found", false, 2), ("DELETE", "410 Gone", true, 1),
    ("DELETE", "200 OK", false, 2),
  ])
  func `what was cut off is looked up on resume`(method: String, status: String, isDone: Bool, sent: Int) async throws {
    let isBroken = Mutex(true)
    let server = try SmallServer { request in
      if request.method == "GET" {
        return isBroken.withLock(\.self) ? [.close] : [SmallServer.answer(status, "found")]
      }
      return isBroken.withLock(\.self) ? [.close] : [SmallServer.answer("201 Created", "made")]
    }
    let record = MemoryRecord()
    let code = """
      local r = http.\(method.lowercased()){ url = "\(server.url("/d"))", lookup = "\(server.url("/d/{key}?full=1"))" }
      return r.body, r.looked_up
      """
    #expect(try await failure(code, record).leavesUnknown)
    isBroken.withLock { $0 = false }
    #expect(try await run(code, record) == (isDone ? [.string("found"), .string("done")] : [.string("made"), .null]))
    let changes = server.requests.filter { $0.method == method }
    #expect(changes.count == sent && Set(changes.map { $0.headers["idempotency-key"] }).count == 1)
    let key = try #require(changes[0].headers["idempotency-key"])
    #expect(server.requests.filter { $0.method == "GET" }.allSatisfy { $0.target == "/d/\(key)?full=1" })
  }

  @Test func `a look-up that does not know leaves it unknown`() async throws {
    let server = try SmallServer { $0.method == "GET" ? [SmallServer.answer("403 No")] : [.close] }
    let record = MemoryRecord()
    let code = #"http.post{ url = "\#(server.url())", lookup = "\#(server.url("/{key}"))" }"#
    for _ in 0..<2 { #expect(try await failure(code, record).leavesUnknown) }
    #expect(server.requests.count { $0.method == "POST" } == 1)
  }

  @Test func `a failure of the server is looked up at once`() async throws {
    for (status, isDone) in [("200 OK", true), ("404 Not Found", false)] {
      let server = try SmallServer {
        [SmallServer.answer($0.method == "GET" ? status : "504 Gateway Timeout", "said")]
      }
      let code = #"return http.post{ url = "\#(server.url())", lookup = "\#(server.url("/{key}"))" }.looked_up"#
      if isDone {
        #expect(try await run(code, MemoryRecord()) == [.string("done")])
      } else {
        let failure = try await failure(code, MemoryRecord())
        #expect(failure.failureClass == .failed && failure.message.contains("answers 504"), "\(failure)")
      }
    }
  }

  @Test func `requests that no record tells apart need an id`() async throws {
    let server = try SmallServer { _ in [SmallServer.answer("200 OK")] }
    let code = #"for i = 1, 2 do http.post{ url = "\#(server.url("/?user="))" .. i ID } end"#
    let refused = try await failure(code.replacing("ID", with: ""), MemoryRecord())
    #expect(refused.message.contains("differs only in its query from another one of this step"), "\(refused)")
    #expect(server.requests.count == 1)
    let record = MemoryRecord()
    for _ in 0..<2 { _ = try await run(code.replacing("ID", with: #", id = "u" .. i"#), record) }
    #expect(server.requests.map(\.target) == ["/?user=1", "/?user=1", "/?user=2"])
  }

  // MARK: Recordings

  @Test func `a recording answers reads, holds no secret, and names what it lacks`() async throws {
    let count = Counter()
    let server = try SmallServer { _ in
      [SmallServer.answer("200 OK", "answer \(count.next()) for secret-1", "Set-Cookie: x=secret-2")]
    }
    let masks = Masks(salt: "s")
    let log = RecordingLog(masks: masks)
    func code(_ query: String, _ token: String = "secret-3") -> String {
      #"return http.get{ url = "\#(server.url(query))", headers = { Authorization = "Bearer \#(token)" } }.body"#
    }
    let recording = HTTPTests.services.recorded(in: log)
    for number in 1...2 {
      #expect(
        try await Bench(services: recording).run(code("/a?key=secret-1")) == [.string("answer \(number) for secret-1")]
      )
    }
    let free = try SmallServer.freePort()
    let refused = #"return select(2, pcall(http.get, "http://127.0.0.1:\#(free)/")).code"#
    #expect(try await Bench(services: recording).run(refused) == [.string("http.connect")])
    #expect(!"\(log.reads)".contains("secret-"), "\(log.reads)")
    let asked = server.requests.count
    let replay = HTTPTests.services.replayed(from: ReplayLog(log.reads, masks: masks, directory: "rec"))
    // A token that was changed since asks the same.
    for number in [1, 2, 2] {
      #expect(
        try await Bench(services: replay).run(code("/a?key=secret-1", "secret-9")) == [
          .string("answer \(number) for ***")
        ]
      )
    }
    #expect(try await Bench(services: replay).run(refused) == [.string("http.connect")])
    for query in ["/a?key=secret-4", "/b?key=secret-1"] {
      let missing = await #expect(throws: CallFailure.self) { try await Bench(services: replay).run(code(query)) }
      #expect(missing?.code == "recording.missing" && missing?.message.contains("secret") == false)
    }
    let change = await #expect(throws: CallFailure.self) {
      try await Bench(services: replay).run(#"http.post "\#(server.url())""#)
    }
    #expect(change?.code == "http.read_only" && server.requests.count == asked)
  }

  @Test func `a private read is in no recording`() async throws {
    let server = try SmallServer { _ in [SmallServer.answer("200 OK", "secret-1")] }
    let log = RecordingLog(masks: Masks(salt: "s"))
    let code = #"return http.get{ url = "\#(server.url("/secret-2"))", private = true }.body"#
    #expect(try await Bench(services: HTTPTests.services.recorded(in: log)).run(code) == [.string("secret-1")])
    #expect(!"\(log.reads)".contains("secret-"))
  }
}
