import Foundation
import Testing

/// The commands of the command line: their help, and what is said of a wrong call.
struct CommandWordTests {
  private static let site = #"return { name = "here", hosts = { { name = "me", transport = "local" } } }"#

  private func place() throws -> Scratch {
    let place = try Scratch()
    try place.file("site.lua", Self.site)
    try place.file(
      "note.lua",
      """
      return { version = "1.0.0", effects = { "changes" }, params = { { "text", type = "string", default = "x" } },
        run = function(job, args)
          job:step("write", function() fleet.put { on = "me", path = "note", content = args.text } end)
        end }
      """
    )
    try place.file("script.lua", "print(1)")
    return place
  }

  private func opsh(_ words: [String], in place: Scratch) throws -> OpshRun {
    try OpshRun(words, environment: ["HOME": place.path, "PATH": "/usr/bin:/bin"], directory: place)
  }

  @Test(arguments: [
    "lint", "runs", "resume", "rollback", "fork", "drill", "approve", "sign", "audit", "fidelity", "journal",
  ])
  func `every command has help of its own`(command: String) throws {
    for words in [[command, "--help"], ["--help", command], [command, "-h", "x"]] {
      let help = try OpshRun(words)
      #expect(help.status == 0 && help.errors.isEmpty, "\(help)")
      #expect(help.output.hasPrefix("opsh \(command)"), "\(help)")
      #expect(help.output.contains("\nexit codes: ") && help.output.contains("64 usage"), "\(help)")
      #expect(help.output.split(separator: "\n").allSatisfy { $0.count <= 120 }, "\(help)")
    }
    #expect(try OpshRun("--help").output.contains("\n  opsh \(command) "))
  }

  @Test(arguments: [
    (["resume"], "resume needs the id of a run", "usage: opsh resume RUN [--with-new]"),
    (["resume", "a", "b"], "resume has no use for 'b'", "usage: opsh resume RUN"),
    (["resume", "a", "--fix"], "resume has no option '--fix'", "usage: opsh resume RUN"),
    (["--dry-run", "resume", "a"], "resume cannot be dry", "shows what is done"),
    (["rollback", ""], "rollback needs the id of a run", "usage: opsh rollback RUN"),
    (["fork", "a"], "fork needs --from STEP", "usage: opsh fork RUN --from STEP"),
    (["approve"], "approve needs the id of a run that waits, or a plan file", "usage: opsh approve RUN|PLANFILE"),
    (["approve", "--junit", "x", "a"], "approve has no option '--junit'", "usage: opsh approve"),
    (["sign"], "sign needs the files of runbooks", "usage: opsh sign FILE.lua"),
    (["audit"], "audit needs one word, verify, export or accept", "usage: opsh audit verify|export|accept"),
    (["audit", "verfy"], "audit does not know 'verfy'", "did you mean 'verify'?"),
    (["audit", "verify", "x"], "audit has no use for 'x'", "usage: opsh audit verify|export|accept"),
    (["fidelity", "x"], "fidelity has no use for 'x'", "usage: opsh fidelity"),
    (["runs", "x"], "runs has no use for 'x'", "usage: opsh runs"),
    (["lint"], "opsh lint needs a file", "usage: opsh lint FILE|FOLDER…"),
    (["lint", "--with-new", "x.lua"], "lint has no option '--with-new'", "usage: opsh lint FILE|FOLDER…"),
    (["drill"], "drill needs the file of a runbook", "usage: opsh drill FILE.lua [name=value …]"),
    (["drill", "note"], "drill needs the file of a runbook", "usage: opsh drill FILE.lua"),
    (["drill", "note.lua", "--dry-run"], "a drill cannot be dry", "`opsh --dry-run FILE.lua` shows the plan"),
    (["drill", "note.lua", "other.lua"], "what follows the script is name=value, got 'other.lua'", "for example"),
    (["drill", "note.lua", "--replay", "x"], "drill has no option '--replay'", "usage: opsh drill"),
  ])
  func `a wrong call is one sentence with a hint and exit code 64`(words: [String], said: String, hint: String) throws {
    let run = try opsh(words, in: place())
    #expect(run.status == 64 && run.output.isEmpty, "\(words) \(run)")
    #expect(run.errors.contains(said) && run.errors.contains("hint: "), "\(words) \(run)")
    #expect(run.errors.contains(hint), "\(words) \(run)")
  }

  @Test(arguments: [
    (["resume", "20260101-0"], "there is no run '20260101-0'", "runs() lists them"),
    (["rollback", "20260101-0"], "there is no run '20260101-0'", "runs() lists them"),
    (["fork", "20260101-0", "--from", "x"], "there is no run '20260101-0'", "runs() lists them"),
    (["approve", "20260101-0"], "there is no run '20260101-0'", "runs() lists them"),
    (["lint", "gone.lua"], "gone.lua", "check the path"),
    (["drill", "gone.lua"], "gone.lua cannot be read", "give the path of a Lua file"),
    (["drill", "script.lua"], "script.lua is no runbook, and only runbooks are drilled", "a runbook returns a table"),
    (["drill", "note.lua", "txet=1"], "note: there is no parameter 'txet'", "did you mean 'text'?"),
    (["resum", "x=1"], "resum cannot be read", "did you mean 'resume'?"),
  ])
  func `what is not there is named, and ends with 65`(words: [String], said: String, hint: String) throws {
    let run = try opsh(words, in: place())
    #expect(run.status == 65, "\(words) \(run)")
    #expect((run.errors + run.output).contains(said), "\(words) \(run)")
    #expect((run.errors + run.output).contains(hint), "\(words) \(run)")
  }

  @Test func `without a site the commands about runs say that they need one`() throws {
    for words in [
      ["runs"], ["resume", "x"], ["rollback", "x"], ["approve", "x"], ["audit", "verify"], ["fidelity"],
    ] {
      let run = try OpshRun(words)
      #expect(run.status == 65, "\(words) \(run)")
      #expect(run.errors.contains("there is no site") && run.errors.contains("--site FILE"), "\(words) \(run)")
    }
  }

  @Test func `a drill is carried out, and everything that lists runs knows it`() throws {
    let place = try place()
    let none = try opsh(["drill", "note.lua", "text=practice"], in: place)
    #expect(none.status == 6 && none.errors.contains("nobody is there"), "\(none)")
    let help = try opsh(["drill", "note.lua", "--help"], in: place)
    #expect(help.status == 0 && help.output.contains("text"), "\(help)")
    let drill = try opsh(["--yes", "drill", "note.lua", "text=practice", "--report", "out.json"], in: place)
    #expect(drill.status == 0 && drill.output.contains(" (a drill)\n"), "\(drill)")
    #expect(try String(contentsOfFile: "\(place.path)/note", encoding: .utf8) == "practice")
    let report = try String(contentsOfFile: "\(place.path)/out.json", encoding: .utf8)
    #expect(report.contains(#""mode" : "drill""#), "\(report)")
    let kinds = try opsh(["-e", "print(runs()[1].kind, #runs<kind='drill'>, #runs<kind='runbook'>)"], in: place)
    #expect(kinds.output == "drill\t1\t0\n", "\(kinds)")
    let list = try opsh(["runs"], in: place)
    #expect(list.output.contains("kind") && list.output.contains("drill"), "\(list)")
    let again = try opsh(["--yes", "-e", #"runbook.drill<name="note.lua", arguments={ text="again" }>"#], in: place)
    #expect(again.status == 0 && again.output.contains(" (a drill)\n"), "\(again)")
    let dry = try opsh(["--dry-run", "-e", #"runbook.drill<name="note.lua">"#], in: place)
    #expect(dry.status == 64 && dry.errors.contains("a drill changes things for real"), "\(dry)")
  }
}
