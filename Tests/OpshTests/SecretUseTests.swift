import Foundation
import PostgresTesting
import Testing

/// Secrets in runbooks, in plugins and in the site, with the opsh of this build.
@Suite(.timeLimit(.minutes(2)))
struct SecretUseTests {
  private let place: Scratch

  init() throws {
    place = try Scratch()
    let site = #"""
      return { name = "here", hosts = { { name = "me", transport = "local" } },
        secrets = { pager = { env = "PAGER" }, other = { env = "OTHER" } } }
      """#
    try place.file("site.lua", site)
  }

  private func opsh(_ words: String..., pager: String = "Heron-Wing-4711") throws -> OpshRun {
    try OpshRun(
      words,
      environment: ["HOME": place.path, "PATH": "/usr/bin:/bin", "PAGER": pager],
      directory: place
    )
  }

  private func plugin(_ capabilities: String, _ body: String, params: String = "") throws {
    let manifest = """
      return { id = "desk", version = "1.0.0", api = 2, summary = "s", capabilities = { \(capabilities) }, provides = {
        primitives = { { name = "act", summary = "Acts", effect = "changes", returns = "What comes of it",
          params = { \(params) } } },
      } }
      """
    try place.file("plugins/desk/plugin.lua", manifest)
    try place.file("plugins/desk/init.lua", "return { primitives = { act = function(args)\n\(body)\nend } }")
  }

  @Test(arguments: [#"secret "pager""#, "secret.list()"])
  func `the code of a plugin names a secret only with the capability`(call: String) throws {
    try plugin(#""files", "hosts:change""#, "return tostring(\(call))")
    let refused = try opsh("--yes", "-e", "desk.act()")
    #expect(refused.status == 6, "\(refused)")
    #expect(refused.errors.contains("plugin 'desk' called secret"), "\(refused)")
    #expect(refused.errors.contains("without the capability 'secrets'"), "\(refused)")
    try plugin(#""secrets""#, "return tostring(\(call))")
    #expect(try opsh("--yes", "-e", "desk.act()").status == 0)
  }

  @Test func `a primitive of a plugin takes a secret by name or as itself`() throws {
    try plugin(#""hosts:change""#, "return tostring(args.key)", params: #"{ "key", type = "secret" }"#)
    for given in [#""pager""#, #"secret "pager""#] {
      let run = try opsh("--yes", "-e", "print(desk.act { key = \(given) })")
      #expect(run.status == 0 && run.output.contains("‹secret pager›"), "\(run)")
    }
  }

  @Test func `a value that is given in the place of a name is neither repeated nor kept`() throws {
    let book = #"""
      return { version = "1.0.0", summary = "Uses a key", effects = { "reads" }, params = { { "key", type = "secret" } },
        run = function(job, args) job:step("x", function() return tostring(args.key) end) end }
      """#
    try place.file("use.lua", book)
    for given in ["Swordfish-Value-1", "not a name: Swordfish-Value-1"] {
      for options in [["--dry-run"], ["--yes"]] {
        let run = try OpshRun(
          options + ["use.lua", "key=\(given)"],
          environment: ["HOME": place.path, "PATH": "/usr/bin:/bin"],
          directory: place
        )
        #expect(run.status == 65 && run.errors.contains("'key' should be the name of a secret of the site"), "\(run)")
        #expect(!(run.output + run.errors).contains("Swordfish"), "\(run)")
      }
    }
    let near = try opsh("--yes", "use.lua", "key=pagr")
    #expect(near.errors.contains("did you mean 'pager'?"), "\(near)")
    let missing = try opsh("--yes", "use.lua", "key=other")
    #expect(missing.errors.contains("‹secret other› cannot be used: the variable OTHER is not set"), "\(missing)")
    let good = try opsh("--yes", "use.lua", "key=pager")
    #expect(good.status == 0, "\(good)")
    let names = FileManager.default.enumerator(atPath: place.path)?.allObjects.compactMap { $0 as? String } ?? []
    for name in names where name != ".in" {
      let data = FileManager.default.contents(atPath: "\(place.path)/\(name)") ?? Data()
      #expect(data.range(of: Data("Swordfish".utf8)) == nil && data.range(of: Data("Heron".utf8)) == nil, "\(name)")
    }
  }

  @Test func `an approval or a plan holds for the value that was planned`() throws {
    let book = #"""
      return { version = "1.0.0", summary = "Puts a key", effects = { "changes" }, params = { { "key", type = "secret" } },
        run = function(job, args)
          job:step("put", function() fleet.put { on = "me", path = "there", content = args.key, mode = "0600" } end)
        end }
      """#
    try place.file("put.lua", book)
    let planned = try opsh("--dry-run", "--plan-out", "plan.json", "put.lua", "key=pager")
    #expect(planned.status == 0, "\(planned)")
    let text = try String(contentsOfFile: "\(place.path)/plan.json", encoding: .utf8)
    #expect(text.contains("hmac:") && !text.contains("Heron"), "\(text)")
    let other = try opsh("--yes", "--apply", "plan.json", "put.lua", "key=pager", pager: "Another-Value-1")
    #expect(other.status == 6, "\(other)")
    #expect(!FileManager.default.fileExists(atPath: "\(place.path)/there"))
    let same = try opsh("--yes", "--apply", "plan.json", "put.lua", "key=pager")
    #expect(same.status == 0, "\(same)")
    #expect(try String(contentsOfFile: "\(place.path)/there", encoding: .utf8) == "Heron-Wing-4711")
  }

  @Test func `a file that others may open gets a secret only with a mode`() throws {
    try place.file("open", "old")
    let put = #"fleet.put { on = "me", path = "open", content = secret "pager""#
    let refused = try opsh("--yes", "-e", put + " }")
    #expect(refused.output.contains("others may open the file that is there (mode 0644)"), "\(refused)")
    #expect(try String(contentsOfFile: "\(place.path)/open", encoding: .utf8) == "old")
    let given = try opsh("--yes", "-e", put + #", mode = "0640" }"#)
    #expect(given.status == 0, "\(given)")
    #expect(try String(contentsOfFile: "\(place.path)/open", encoding: .utf8) == "Heron-Wing-4711")
  }

  @Test(arguments: [
    (#"fleet.exec { on = "me", cmd = "true", safe = true, input = secret "pager" }"#, "handed to a change alone"),
    (#"fleet.exec { on = "me", cmd = "true", safe = true, env = { A = "b" } }"#, "'env' is for a change alone"),
    (#"fleet.exec { on = "me", cmd = { "echo", secret "pager" } }"#, "expected a list of strings"),
    (#"fleet.exec { on = "me", cmd = "true", env = { ["A B"] = "x" } }"#, "names of variables"),
    (#"fleet.exec { on = "me", cmd = "true", env = { OPSH_RUN = "x" } }"#, "none that begins with OPSH_"),
    (#"fleet.put { on = "me", path = secret "pager", content = "x" }"#, "got secret"),
    (#"fleet.query("me", secret "pager")"#, "got secret"),
    (#"file.write("x", secret "pager")"#, "got secret"),
    (#"program { argv = { "echo", secret "pager" }, effect = "reads" }"#, "got secret"),
  ])
  func `where a secret does not belong the call says so`(code: String, message: String) throws {
    let run = try opsh("--yes", "-e", code)
    #expect(run.status == 65 || run.status == 64, "\(run)")
    #expect((run.errors + run.output).contains(message.replacing("expected a list", with: "a list")), "\(run)")
  }

  @Test(arguments: [
    (#"{ url = "postgres://a@127.0.0.1:1/x", password = { secret = "pagr" } }"#, "no secret is called 'pagr'"),
    (#"{ url = "postgres://a@127.0.0.1:1/x", password = { secret = "other" } }"#, "the variable OTHER is not set"),
    (#"{ url = "postgres://a@127.0.0.1:1/x", password = "swordfish" }"#, #"expected { secret = "NAME" }"#),
    (#"{ url = "/var/lib/x", password = { secret = "pager" } }"#, "a file has no password"),
  ])
  func `the password of a journal that is no secret of the site is refused`(journal: String, message: String) throws {
    let site = #"""
      return { name = "here", hosts = { { name = "me", transport = "local" } }, journal = \#(journal),
        secrets = { pager = { env = "PAGER" }, other = { env = "OTHER" } } }
      """#
    try place.file("site.lua", site)
    let run = try opsh("runs")
    #expect(run.status != 0 && run.errors.contains(message), "\(run)")
    #expect(!run.errors.contains("swordfish"), "\(run)")
  }

  @Test func `a journal on a server is opened with a secret as its password`() throws {
    let server = try PostgresServer(authentication: "scram-sha-256")
    defer { server.end() }
    let site = #"""
      return { name = "here", hosts = { { name = "me", transport = "local" } },
        journal = { url = "\#(server.url())", password = { secret = "pager" } },
        secrets = { pager = { env = "PAGER" } } }
      """#
    try place.file("site.lua", site)
    let exec = try opsh("--yes", "-e", #"fleet.exec { on = "me", cmd = "true" }"#, pager: PostgresServer.password)
    #expect(exec.status == 0, "\(exec)")
    for words in [["runs"], ["journal"], ["audit", "verify"]] {
      let run = try OpshRun(
        words,
        environment: ["HOME": place.path, "PATH": "/usr/bin:/bin", "PAGER": PostgresServer.password],
        directory: place
      )
      #expect(run.status == 0, "\(words) \(run)")
      #expect(!(run.output + run.errors).contains(PostgresServer.password))
    }
    let wrong = try opsh("runs", pager: "t0p-Heron-Wing")
    #expect(wrong.status != 0 && !(wrong.output + wrong.errors).contains("t0p-Heron-Wing"), "\(wrong)")
  }
}
