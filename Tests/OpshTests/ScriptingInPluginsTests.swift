import Foundation
import Testing

/// JSON, time, files and programs in the code of a plugin: they act with its capabilities, in its directory.
struct ScriptingInPluginsTests {
  private let place: Scratch

  init() throws {
    place = try Scratch()
    try place.file("site.lua", #"return { name = "here", hosts = { { name = "me", transport = "local" } } }"#)
    try place.file("limits.json", "[0]")
  }

  /// A plugin with one primitive `desk.act(x)` whose body is given.
  private func plugin(_ capabilities: String, _ body: String, more: String = "") throws {
    let manifest = """
      return { id = "desk", version = "1.0.0", api = 2, summary = "s", capabilities = { \(capabilities) }, provides = {
        primitives = { { name = "act", summary = "Acts", effect = "changes", returns = "What comes of it",
          params = { { "x", required = false } } } },
        \(more)
      } }
      """
    try place.file("plugins/desk/plugin.lua", manifest)
    try place.file("plugins/desk/init.lua", "return { primitives = { act = function(args)\n\(body)\nend } }")
  }

  private func opsh(_ code: String, _ options: String...) throws -> OpshRun {
    try OpshRun(
      ["--yes"] + options + ["-e", code],
      environment: ["HOME": place.path, "PATH": "/usr/bin:/bin"],
      directory: place
    )
  }

  @Test(arguments: [
    (#"file.read "limits.json""#, "file.read", "files"), (#"file.lines "limits.json""#, "file.lines", "files"),
    (#"file.exists "/etc/hosts""#, "file.exists", "files"), (#"file.stat "/etc/hosts""#, "file.stat", "files"),
    (#"file.write("x", "y")"#, "file.write", "files"),
    (#"program{ argv = { "true" }, effect = "reads" }"#, "program", "programs"),
    (#"program{ argv = { "true" }, effect = "changes" }"#, "program", "programs"),
    (#"http.get "http://127.0.0.1:1/""#, "http.get", "http"),
    (#"http.post "http://127.0.0.1:1/""#, "http.post", "http"),
  ])
  func `without the capability files, programs and servers are refused`(
    call: String,
    name: String,
    needed: String
  ) throws {
    let others = ["files", "programs", "http", "hosts:read"].filter { $0 != needed }.map { "\"\($0)\"" }
    try plugin(others.joined(separator: ", "), "return \(call)")
    let run = try opsh("desk.act()")
    let message = "plugin 'desk' called \(name) without the capability '\(needed)'"
    #expect(run.status == 6 && run.errors.contains(message), "\(run)")
    #expect(!FileManager.default.fileExists(atPath: "\(place.path)/x"))
  }

  @Test func `relative paths of a plugin start at its directory, whoever calls it`() throws {
    try plugin(
      #""files", "programs""#,
      """
      file.write("made.txt", "by desk")
      local here = program{ argv = { "pwd" }, effect = "reads" }.output:match "[^/]+$"
      return json.decode(file.read "limits.json")[1] .. " in " .. here
      """,
      more: #"runbooks = { "count" },"#
    )
    try place.file("plugins/desk/limits.json", "[7]")
    let runbook = """
      return {
        version = "1.0.0", summary = "Counts", effects = { "reads" },
        run = function(job) return { own = json.decode(file.read "limits.json")[1] } end,
      }
      """
    try place.file("plugins/desk/runbooks/count.lua", runbook)
    let run = try opsh(
      """
      print(desk.act(), json.decode(file.read "limits.json")[1])
      print(json.encode(runbook.run "desk/count"))
      """
    )
    #expect(run.status == 0 && run.output.contains("7 in desk\n\t0"), "\(run)")
    #expect(run.output.contains(#"{"own":7}"#), "\(run)")
    #expect(FileManager.default.fileExists(atPath: "\(place.path)/plugins/desk/made.txt"))
    #expect(!FileManager.default.fileExists(atPath: "\(place.path)/made.txt"))
  }

  @Test func `JSON, time and waiting need no capability`() throws {
    try plugin(
      "",
      """
      local looks = 0
      local seen = wait_until{ what = "two looks", deadline = "10s", every = "10ms", probe = function()
        looks = looks + 1
        return looks > 1 and looks
      end }
      sleep "1ms"
      local record = json.decode '{"id": 9007199254740993, "none": null, "list": []}'
      return json.encode {
        id = record.id, is_null = record.none == json.null, list = record.list, seen = seen,
        now = time.now() > 0, at = time.format(0),
      }
      """
    )
    let run = try opsh("print(desk.act())")
    let answer =
      #"{"at":"1970-01-01T00:00:00Z","id":9007199254740993,"is_null":true,"list":[],"now":true,"seen":2}"#
    #expect(run.status == 0 && run.output.contains(answer), "\(run)")
  }

  @Test func `what a plugin writes is planned by a dry run`() throws {
    try plugin(#""files""#, #"file.write("made.txt", "by desk")"#)
    let run = try opsh("desk.act()", "--dry-run")
    #expect(run.status == 0 && (run.output + run.errors).contains("made.txt: a new file"), "\(run)")
    #expect(!FileManager.default.fileExists(atPath: "\(place.path)/plugins/desk/made.txt"))
  }

  @Test func `waiting while a plugin is loaded is refused`() throws {
    try plugin("", "return 1")
    try place.file("plugins/desk/init.lua", "wait_until{ deadline = \"1s\", probe = print }\nreturn {}")
    let run = try opsh("print(1)")
    let said = run.output + run.errors
    #expect(said.contains("plugin 'desk' is not loaded") && said.contains("init.lua:1"), "\(run)")
    #expect(said.contains("a plugin must not call anything while it is loaded"), "\(run)")
  }

  @Test func `a reload keeps the names of values`() throws {
    let run = try opsh("site.reload() print(json.null, type(wait_until))")
    #expect(run.status == 0 && run.output.contains("json.null\tfunction"), "\(run)")
  }
}
