import Foundation
import Testing

/// Checks of a plugin behave as those of opsh do: on the command line, at the prompt, in gates and after a reload.
struct PluginCheckCommandTests {
  private let place: Scratch

  init() throws {
    place = try Scratch()
    try site("")
    try plugin("60")
  }

  private func site(_ more: String) throws {
    try place.file(
      "site.lua",
      #"return { name = "here", hosts = { { name = "me", transport = "local" } }, \#(more) }"#
    )
  }

  private func plugin(_ value: String) throws {
    let manifest = """
      return { id = "desk", version = "1.0.0", api = 2, summary = "s", provides = { checks = {
        { name = "locked", summary = "Margin locked", unit = "USDC", ok = { below = 50 }, bad = { from = 80 } },
        { name = "fine", summary = "Fine", ok = { equals = 0 } } } } }
      """
    try place.file("plugins/desk/plugin.lua", manifest)
    let code = """
      return { checks = {
        locked = function() return { value = \(value), evidence = "mm-1" } end,
        fine = function() return { value = 0 } end,
      } }
      """
    try place.file("plugins/desk/init.lua", code)
  }

  private func opsh(_ words: String...) throws -> OpshRun {
    try OpshRun(words, environment: ["HOME": place.path, "PATH": "/usr/bin:/bin"], directory: place)
  }

  @Test(arguments: [("49.9", "OK", Int32(0)), ("50", "WARN", 1), ("80", "BAD", 2), ("nil", "UNKNOWN", 3)])
  func `monitoring gets its line and its exit status`(value: String, level: String, status: Int32) throws {
    try plugin(value)
    let run = try opsh("check", "desk.locked")
    #expect(run.status == status && run.output.hasPrefix("\(level): 1 finding"), "\(run)")
    let text = try opsh("check", "desk.*", "--prometheus")
    #expect(text.status == status && text.output.contains(#"opsh_check_level{check="desk.fine""#), "\(text)")
    #expect(text.output.contains(#"opsh_check_value{check="desk.locked""#) == (value != "nil"), "\(text)")
  }

  @Test func `it is listed, measured and explained at the prompt, and a wrong name is told the nearest`() throws {
    let run = try opsh("-e", "print(#checks(), check('desk.locked')[1].level)", "-e", "why 'desk.locked';")
    #expect(run.status == 0 && run.output.contains("\tWARN\n"), "\(run)")
    #expect((run.output + run.errors).contains("measured by plugin 'desk', ./plugins/desk/init.lua:2"), "\(run)")
    let wrong = try opsh("check", "desk.loked")
    #expect(wrong.status == 3 && wrong.output.contains("did you mean 'desk.locked'"), "\(wrong)")
  }

  @Test func `of a plugin that nobody signed no gate passes for want of its checks`() throws {
    try site(#"gates = "*", plugins = { signed = true }, allowed_signers = "nobody""#)
    let run = try opsh("check", "desk.*")
    #expect(run.status == 3 && run.output.contains("UNKNOWN desk.plugin: plugin 'desk' is not loaded: "), "\(run)")
    #expect(run.output.contains("is not signed"), "\(run)")
    try site("")
    try place.file("plugins/desk/plugin.lua", "return { id =")
    #expect(try opsh("check", "*.locked").status == 3)
  }

  @Test func `what its function prints and how its calls end is not part of the answer`() throws {
    try plugin("(function() print('noise') return fleet.query { on = 'me', cmd = 'exit 9' }[1].status end)()")
    let manifest = try String(contentsOfFile: "\(place.path)/plugins/desk/plugin.lua", encoding: .utf8)
    let able = manifest.replacing("summary = \"s\",", with: "summary = \"s\", capabilities = { \"hosts:read\" },")
    try place.file("plugins/desk/plugin.lua", able)
    let run = try opsh("check", "desk.locked")
    #expect(run.status == 0 && run.errors == "" && run.output.hasPrefix("OK: 1 finding"), "\(run)")
    #expect(!run.output.contains("noise") && run.output.contains("9 USDC"), "\(run)")
  }

  @Test func `a gate of the site refuses what it finds BAD, and what cannot be measured`() throws {
    try site(#"gates = { "desk.*" }"#)
    try place.file(
      "note.lua",
      #"return { version = "1.0.0", summary = "Notes", effects = { "changes" }, run = function(job) job:note("x") end }"#
    )
    try plugin("1")
    #expect(try opsh("--yes", "note.lua").status == 0)
    try plugin("80")
    let bad = try opsh("--yes", "note.lua")
    #expect(bad.status == 6 && bad.errors.contains("desk.locked"), "\(bad)")
    try plugin("nil + 1")
    let unknown = try opsh("--yes", "note.lua")
    #expect(unknown.status == 6 && unknown.errors.contains("./plugins/desk/init.lua:2"), "\(unknown)")
    try place.file("plugins/desk/init.lua", "return {")
    let broken = try opsh("--yes", "note.lua")
    #expect(broken.status == 6 && broken.errors.contains("plugin 'desk' is not loaded"), "\(broken)")
  }

  @Test func `a soak takes its samples, and a gate in a script raises`() throws {
    try plugin("1")
    let soak = try opsh("-e", #"check.soak{ names = "desk.*", every = "1s", times = 1, smoke = "0s", grace = "0s" };"#)
    #expect(soak.status == 0, "\(soak)")
    try plugin("80")
    let gate = try opsh("-e", #"gate "desk.*""#)
    #expect(gate.status == 2 && gate.errors.contains("desk.locked"), "\(gate)")
  }

  @Test func `after a reload it measures and judges as its files say now`() throws {
    let edited = "return { checks = { locked = function() return { value = 7 } end, fine = function() return {} end } }"
    let file = "\(place.path)/plugins/desk/init.lua"
    let write = "fleet.exec { on = 'me', cmd = [==[cat > '\(file)' <<'END'\n\(edited)\nEND]==] }"
    let run = try opsh(
      "--yes",
      "-e",
      "print(check('desk.locked')[1].value); \(write); site.reload(); print(check('desk.locked')[1].value)"
    )
    #expect(run.status == 0 && run.output.contains("60.0\n") && run.output.contains("7.0\n"), "\(run)")
  }
}
