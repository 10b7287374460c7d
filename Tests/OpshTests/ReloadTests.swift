import Foundation
import Testing

/// `site.reload()`: an edit of the site or of a plugin is taken up where one is.
struct ReloadTests {
  private let place: Scratch

  init() throws {
    place = try Scratch()
    try site(#"{ name = "me", transport = "local" }"#)
  }

  private func site(_ hosts: String) throws {
    try place.file("site.lua", "return {\n  name = \"here\",\n  hosts = { \(hosts) },\n}\n")
  }

  private func plugin(_ answer: String) throws {
    let manifest = """
      return { id = "desk", version = "1.0.0", api = 2, summary = "s", provides = { primitives = {
        { name = "count", summary = "Counts", effect = "reads", returns = "a number" } } } }
      """
    try place.file("plugins/desk/plugin.lua", manifest)
    try place.file("plugins/desk/init.lua", "return { primitives = { count = function() return \(answer) end } }")
  }

  /// Runs pieces of one session, and what the test does between them as a shell command.
  private func opsh(_ pieces: String...) throws -> OpshRun {
    try OpshRun(
      ["--yes"] + pieces.flatMap { ["-e", $0] },
      environment: ["HOME": place.path, "PATH": "/usr/bin:/bin"],
      directory: place
    )
  }

  /// Lua that changes a file of the place: the only hand a session has is its local host.
  private func write(_ name: String, _ text: String) -> String {
    "fleet.exec { on = 'me', cmd = [==[cat > '\(place.path)/\(name)' <<'END'\n\(text)\nEND]==] }"
  }

  @Test func `a host that was added is there, and what was defined stays`() throws {
    let edited = #"return { name = "here", hosts = { { name = "me", transport = "local" }, { name = "you" } } }"#
    let run = try opsh("mine = 7", "\(write("site.lua", edited));", "site.reload();", "print(mine, #fleet.hosts())")
    #expect(run.status == 0 && run.output.contains("7\t2"), "\(run)")
  }

  @Test func `a broken edit keeps the old site and says what is wrong`() throws {
    let edited = "return {\n  name = \"here\",\n  hosts = { { nmae = \"me\" } },\n}"
    let code = """
      \(write("site.lua", edited))
      local ok, problem = pcall(site.reload)
      print(ok, problem, #fleet.hosts())
      """
    let run = try opsh(code)
    #expect(run.status == 0 && run.output.contains("site.lua:3"), "\(run)")
    #expect(run.output.contains("; the site stays as it was\t1"), "\(run)")
  }

  @Test func `a site that loses the host of an unfinished run is refused, and the run named`() throws {
    try site(#"{ name = "me", transport = "local" }, { name = "you", transport = "local" }"#)
    // The change ends the opsh that makes it.
    let killed = try OpshRun(
      ["--yes", "-e", "fleet.exec { on = 'me', cmd = 'kill -9 $(cat \(place.path)/pid)' };"],
      environment: ["HOME": place.path, "PATH": "/usr/bin:/bin"],
      directory: place,
      shell: "echo $$ > pid"
    )
    #expect(killed.status == 9, "\(killed)")
    let edited = #"return { name = "here", hosts = { { name = "you", transport = "local" } } }"#
    let change = write("site.lua", edited).replacing("on = 'me'", with: "on = 'you'")
    let run = try opsh("\(change);", "print(pcall(site.reload))", "print(#fleet.hosts())")
    #expect(run.output.contains("the site no longer lists me, and run "), "\(run)")
    #expect(run.output.contains("; the site stays as it was") && run.output.contains("\n2\n"), "\(run)")
  }

  @Test func `a plugin that was edited acts as it does now`() throws {
    try plugin("1")
    let edited = "return { primitives = { count = function() return 2 end } }"
    let code = """
      local count = desk.count
      print(desk.count())
      \(write("plugins/desk/init.lua", edited))
      site.reload()
      print(desk.count(), count())
      """
    let run = try opsh(code)
    #expect(run.status == 0 && run.output.contains("1\n") && run.output.contains("2\t2\n"), "\(run)")
  }

  @Test func `a plugin that no longer loads is named, and its primitives are refused`() throws {
    try plugin("1")
    let code = """
      \(write("plugins/desk/init.lua", "return {"))
      site.reload()
      print(pcall(desk.count))
      """
    let run = try opsh(code)
    #expect(run.output.contains("plugin 'desk' is not loaded: "), "\(run)")
    #expect(run.output.contains("desk.count no longer exists"), "\(run)")
  }

  @Test func `a plugin that was added can be called`() throws {
    let folder = "mkdir -p '\(place.path)/plugins/late'"
    let manifest = """
      return { id = "late", version = "1.0.0", api = 2, summary = "s", provides = { primitives = {
        { name = "come", summary = "Comes", effect = "reads", returns = "a number" } } } }
      """
    let run = try opsh(
      "fleet.exec { on = 'me', cmd = [[\(folder)]] };",
      "\(write("plugins/late/plugin.lua", manifest));",
      "\(write("plugins/late/init.lua", "return { primitives = { come = function() return 5 end } }"));",
      "site.reload();",
      "print(late.come(), plugins()[1].state)"
    )
    #expect(run.status == 0 && run.output.contains("5\tloaded"), "\(run)")
  }

  @Test func `a run does not read the site anew`() throws {
    try place.file(
      "book.lua",
      """
      return { version = "1.0.0", effects = { "changes" },
        run = function(job) job:step("again", function() return site.reload() end) end }
      """
    )
    let run = try OpshRun("--yes", "book.lua", environment: ["HOME": place.path], directory: place)
    #expect(run.status != 0 && "\(run)".contains("cannot be read again in a run"), "\(run)")
  }
}
