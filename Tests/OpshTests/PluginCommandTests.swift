import Foundation
import Testing

/// `opsh plugin new`, `opsh plugin check` and `opsh spec` as an author types them.
struct PluginCommandTests {
  private let place: Scratch

  init() throws { place = try Scratch() }

  private func opsh(_ words: String..., at folder: String = "") throws -> OpshRun {
    try OpshRun(
      words,
      environment: ["HOME": place.path, "PATH": "/usr/bin:/bin"],
      directory: place,
      shell: folder.isEmpty ? nil : "cd '\(folder)'"
    )
  }

  @Test(arguments: [[], ["--runtime"], ["--notifier"]])
  func `a new plugin passes its check, from wherever it is called`(options: [String]) throws {
    let new = try OpshRun(["plugin", "new", "desk"] + options, environment: ["HOME": place.path], directory: place)
    #expect(new.status == 0 && new.output.hasPrefix("plugins/desk/plugin.lua\n"), "\(new)")
    for (path, folder) in [
      ("plugins/desk", ""), ("plugins/desk/", ""), (".", "plugins/desk"), ("../desk", "plugins/desk"),
    ] {
      let check = try opsh("plugin", "check", path, at: folder)
      #expect(check.status == 0 && check.output.contains("0 errors, 0 warnings"), "\(check)")
      #expect(check.output.contains("primitive desk.room, check desk.disk, runbook desk/note"), "\(check)")
    }
    let spec = try opsh("spec", "init_spec.lua", "runbooks/note_spec.lua", at: "plugins/desk")
    #expect(spec.status == 0 && spec.output.contains("runbooks/note_spec.lua: 4 cases passed"), "\(spec)")
    let report = try opsh("plugin", "check", "plugins/desk", "--json")
    #expect(report.status == 0 && report.output.contains(#""problem":null"#), "\(report)")
  }

  @Test func `a new plugin works in a session`() throws {
    #expect(try opsh("plugin", "new", "desk").status == 0)
    try place.file("site.lua", #"return { name = "here", hosts = { { name = "me", transport = "local" } } }"#)
    let room = try opsh("-e", "print(desk.room{}[1].mib > 0)")
    #expect(room.status == 0 && room.output.contains("true"), "\(room)")
    let check = try opsh("check", "desk.disk")
    #expect([0, 1, 2].contains(check.status) && check.output.contains("desk.disk me: "), "\(check)")
    let note = try opsh("--yes", "-e", #"runbook.run<name="desk/note", arguments={ text = "hello" }>"#)
    #expect(note.status == 0, "\(note)")
    #expect(try String(contentsOfFile: "\(place.path)/desk.note", encoding: .utf8) == "hello\n")
  }

  @Test func `what would overwrite or cannot be called is refused`() throws {
    #expect(try opsh("plugin", "new", "desk", "--dry-run").output.contains("nothing was written"))
    #expect(!FileManager.default.fileExists(atPath: "\(place.path)/plugins"))
    #expect(try opsh("plugin", "new", "desk").status == 0)
    let again = try opsh("plugin", "new", "desk")
    #expect(again.status == 6 && again.errors.contains("plugins/desk exists; nothing was written"), "\(again)")
    // A plugin of opsh's own, a family of checks, and one of primitives.
    for id in ["process", "host"] {
      let taken = try opsh("plugin", "new", id)
      #expect(taken.status == 64 && taken.errors.contains("'\(id)' is opsh's own name"), "\(taken)")
    }
    let taken = try opsh("plugin", "new", "fleet")
    #expect(taken.status == 64 && taken.errors.contains("'fleet' is opsh's own name"), "\(taken)")
    #expect(try opsh("plugin", "new", "x", "--runtime", "--notifier").status == 64)
    let none = try opsh("plugin", "check", "plugins")
    #expect(none.status == 65 && none.errors.contains("plugins has no plugin.lua"), "\(none)")
  }

  @Test func `specs end with 1 when a case fails and 65 when one cannot be run, in reports too`() throws {
    try place.file("note.lua", #"return { version = "1.0.0", run = function() return { x = 1 } end }"#)
    try place.file(
      "note_spec.lua",
      #"return { { name = "a <b>", result = { x = 1 } }, { name = "c", result = { x = 2 } } }"#
    )
    let run = try opsh("spec", "note_spec.lua", "--junit", "specs.xml", "--report", "specs.json")
    #expect(run.status == 1 && run.output.contains("note_spec.lua: 1 of 2 cases failed"), "\(run)")
    #expect(run.output.contains("result.x: expected 2, got 1") && run.output.contains("1 of 2 cases passed"), "\(run)")
    let junit = try String(contentsOfFile: "\(place.path)/specs.xml", encoding: .utf8)
    #expect(junit.contains(#"tests="2""#) && junit.contains(#"failures="1""#), "\(junit)")
    #expect(junit.contains("a &lt;b&gt;") && junit.contains("result.x: expected 2, got 1"), "\(junit)")
    let report = try String(contentsOfFile: "\(place.path)/specs.json", encoding: .utf8)
    #expect(report.contains(#""spec""#) && report.contains("spec.failed"), "\(report)")
    let only = try opsh("spec", "note_spec.lua", "--only", "a <", "--json")
    #expect(only.status == 0 && only.output.contains(#""passed":true"#) && !only.output.contains("false"), "\(only)")
    #expect(try opsh("spec", ".", "--only", "nothing of it").status == 65)
    try place.file("note_spec.lua", "return 5")
    let broken = try opsh("spec", "note_spec.lua", "--junit", "specs.xml")
    #expect(broken.status == 65 && broken.output.contains("note_spec.lua:1: expected a list of cases"), "\(broken)")
    #expect(try String(contentsOfFile: "\(place.path)/specs.xml", encoding: .utf8).contains(#"errors="1""#))
  }
}
