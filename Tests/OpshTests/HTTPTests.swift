import Foundation
import OpshTesting
import Testing

/// `http.*` in the program itself: what a whole session leaves behind on this machine.
@Suite(.timeLimit(.minutes(3)))
struct HTTPTests {
  private let place: Scratch

  init() throws {
    place = try Scratch()
    try place.file("site.lua", #"return { name = "here", hosts = { { name = "me", transport = "local" } } }"#)
  }

  private func opsh(_ arguments: String...) throws -> OpshRun {
    try OpshRun(arguments, environment: ["HOME": place.path, "PATH": "/usr/bin:/bin"], directory: place)
  }

  /// The files below the directory of the test, and below HOME, that hold a text.
  private func files(with text: String) throws -> [String] {
    let all = try #require(FileManager.default.enumerator(atPath: place.path)).compactMap { $0 as? String }
    return all.filter { FileManager.default.contents(atPath: "\(place.path)/\($0)")?.range(of: Data(text.utf8)) != nil }
  }

  @Test func `a session leaves no query, no credentials and no value of a header behind`() throws {
    let server = try SmallServer { request in
      [SmallServer.answer(request.target.contains("bad") ? "500 No" : "200 OK", "made", "Set-Cookie: s=word-1")]
    }
    // Its owner alone may read it, so no recording holds what it says.
    let secrets = try place.file("secrets.json", #"{"user": "jo:word-2", "token": "word-3", "key": "word-4"}"#)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: secrets.path)
    func code(_ method: String, _ path: String) -> String {
      """
      local s = json.decode(file.read "secrets.json")
      local answer = http.\(method){
        url = "http://" .. s.user .. "@127.0.0.1:\(server.port)/\(path)?token=" .. s.token,
        headers = { ["X-Key"] = s.key },
      }
      """
    }
    let runbook = """
      return {
        version = "1.0.0", summary = "Asks", effects = { "reads", "changes" },
        run = function(job)
          job:step("ask", function() \(code("post", "good")) return answer.body end)
          job:step("fail", function() \(code("post", "bad")) end)
        end,
      }
      """
    try place.file("ask.lua", runbook)
    let book = try opsh("--yes", "ask.lua")
    #expect(book.status == 9 && book.errors.contains("answers 500"), "\(book)")
    let get = try opsh("--record", "rec", "--dry-run", "-e", code("get", "good") + " print(answer.body)")
    #expect(get.status == 0 && get.output.hasPrefix("made\n"), "\(get)")
    let post = try opsh("--yes", "-e", code("post", "good") + " print(answer.body)")
    #expect(post.status == 0 && post.output.hasSuffix("made\n"), "\(post)")
    #expect(server.requests.count == 4)
    #expect(try !files(with: "/good?…").isEmpty, "neither journal nor recording names the request")
    for number in 1...4 {
      #expect(try files(with: "word-\(number)") == (number == 1 ? [] : ["secrets.json"]), "word-\(number)")
    }
  }

  @Test func `a request that was cut off is unresolved until an operator says what became of it`() throws {
    let server = try SmallServer { _ in [.close] }
    let cut = try opsh("--yes", "-e", #"http.post "\#(server.url("/x"))""#)
    #expect(cut.status == 9 && cut.errors.contains("may have taken effect"), "\(cut)")
    let open = try opsh("-e", "unresolved()")
    #expect(open.output.contains("endpoint 127.0.0.1:\(server.port)"), "\(open)")
  }

  @Test func `a check of a plugin asks a server, and its finding holds no secret`() throws {
    let server = try SmallServer { request in
      switch request.headers["x-desk"] {
      case "up": [SmallServer.answer("200 OK", #"{"age": 5}"#)]
      case "down": [SmallServer.answer("503 Busy", "no word-1 here")]
      default: [.close]
      }
    }
    let manifest = """
      return { id = "desk", version = "1.0.0", api = 2, summary = "s", capabilities = { "http" }, provides = {
        checks = { { name = "age", summary = "Age of the newest price", unit = "s", ok = { below = 60 } } },
      } }
      """
    try place.file("plugins/desk/plugin.lua", manifest)
    for (state, status, words) in [
      ("up", 0 as Int32, "OK desk.age: 5 s"), ("down", 3, "the server answers 503: no *** here"),
      ("gone", 3, "ended the connection without an answer"),
    ] {
      let check = """
        return { checks = { age = function()
          local url = "\(server.url("/prices?token=word-1"))"
          return { value = http.get{ url = url, headers = { ["X-Desk"] = "\(state)" } }.json.age }
        end } }
        """
      try place.file("plugins/desk/init.lua", check)
      let run = try opsh("check", "desk.age")
      #expect(run.status == status && run.output.contains(words), "\(run)")
      #expect(!run.output.contains("word-1") && !run.errors.contains("word-1"), "\(run)")
    }
    #expect(try files(with: "word-1") == ["plugins/desk/init.lua"])
  }

  @Test func `a plugin tells a hook, and no record holds its path`() throws {
    let server = try SmallServer { request in
      [SmallServer.answer(request.target.contains("bad") ? "403 No" : "200 OK", "ok")]
    }
    let manifest = """
      return { id = "desk", version = "1.0.0", api = 2, summary = "s", capabilities = { "http" }, provides = {
        primitives = { { name = "tell", summary = "Tells", effect = "changes", returns = "Whether it was told",
          params = { { "hook" } } } },
      } }
      """
    try place.file("plugins/desk/plugin.lua", manifest)
    let code = """
      return { primitives = { tell = function(args)
        return http.post{ url = args.hook, json = { text = "halted" }, private = true, check = false }.status
      end } }
      """
    try place.file("plugins/desk/init.lua", code)
    let good = try opsh("--yes", "-e", #"print(desk.tell "\#(server.url("/hooks/word-1"))")"#)
    #expect(good.status == 0 && good.output.contains("200"), "\(good)")
    let bad = try opsh("--yes", "-e", #"print(desk.tell "\#(server.url("/hooks/bad/word-1"))")"#)
    #expect(bad.output.contains("403"), "\(bad)")
    #expect(
      server.requests.map { String(decoding: $0.body, as: UTF8.self) }
        == Array(repeating: #"{"text":"halted"}"#, count: 2)
    )
    #expect(try files(with: "word-1").isEmpty, "the path of a private request is kept somewhere")
  }
}
