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
    (["resume", "a", "b"], "unexpected argument 'b'", "usage: opsh resume RUN"),
    (["resume", "a", "--fix"], "resume has no option '--fix'", "usage: opsh resume RUN"),
    (["rollback", ""], "rollback needs the id of a run", "usage: opsh rollback RUN"),
    (["fork", "a"], "fork needs --from STEP", "usage: opsh fork RUN --from STEP"),
    (["approve"], "approve needs the id of a waiting run, or a plan file", "usage: opsh approve RUN|PLANFILE"),
    (["approve", "a", "--yes"], "approve takes no --yes", "another operator approves at a terminal"),
    (["-y", "approve", "a"], "approve takes no --yes", "another operator approves at a terminal"),
    (["approve", "--junit", "x", "a"], "approve has no option '--junit'", "usage: opsh approve"),
    (["sign"], "sign needs files of runbooks, folders of plugins", "usage: opsh sign FILE…"),
    (["audit"], "audit needs a command: verify, export, accept", "usage: opsh audit verify|export|accept"),
    (["audit", "verfy"], "unknown audit command 'verfy'", "did you mean 'verify'?"),
    (["audit", "verify", "x"], "unexpected argument 'x'", "usage: opsh audit verify [--head FILE]"),
    (["fidelity", "x"], "unexpected argument 'x'", "usage: opsh fidelity"),
    (["runs", "x"], "unexpected argument 'x'", "usage: opsh runs"),
    (["lint"], "lint needs a file or a folder", "usage: opsh lint FILE|FOLDER…"),
    (["lint", "--with-new", "x.lua"], "lint has no option '--with-new'", "usage: opsh lint FILE|FOLDER…"),
    (["drill"], "drill needs the file of a runbook", "usage: opsh drill FILE.lua [name=value …]"),
    (["drill", "note"], "FILE.lua should be the path of a .lua file", "usage: opsh drill FILE.lua"),
    (["drill", "note.lua", "--dry-run"], "drill has no dry run", "use `opsh --dry-run FILE.lua` to see the plan"),
    (
      ["drill", "note.lua", "other.lua"], "arguments after the script must be name=value, got 'other.lua'",
      "for example"
    ),
    (["resum", "x=1"], "unknown command 'resum', and no file has that name", "did you mean 'resume'?"),
    (["stopp", "bot7"], "unknown command 'stopp', and no file has that name", "did you mean 'stop'?"),
    (["resum", "123"], "unknown command 'resum', and no file has that name", "did you mean 'resume'?"),
    (["halt", "bot7"], "unknown command 'halt', and no file has that name", "`opsh --help` lists the commands"),
    (["lintt", "--fix", "x.lua"], "unknown command 'lintt', and no file has that name", "did you mean 'lint'?"),
    (["frobnicate"], "unknown command 'frobnicate'", "`opsh --help` lists the commands"),
    (["stop"], "stop needs bots", "usage: opsh stop SELECTOR… [--grace TIME] [--mode MODE]"),
    (["stop", "bot1", "--grace", "soon"], "--grace should be a duration", "usage: opsh stop"),
    (["stop", "bot1", "--mode", "halt"], "--mode should be stop, close_only or halt_all", "did you mean 'halt_all'?"),
    (["approve", "x", "--uses", "few"], "--uses should be a whole number, got \"few\"", "usage: opsh approve"),
    (["completion", "zsh"], "SHELL should be bash, got 'zsh'", "usage: opsh completion SHELL"),
    (["drill", "note.lua", "--replay", "x"], "drill has no option '--replay'", "usage: opsh drill"),
  ])
  func `a wrong call is one sentence with a hint and exit code 64`(words: [String], said: String, hint: String) throws {
    let run = try opsh(words, in: place())
    #expect(run.status == 64 && run.output.isEmpty, "\(words) \(run)")
    #expect(run.errors.contains(said) && run.errors.contains("hint: "), "\(words) \(run)")
    #expect(run.errors.contains(hint), "\(words) \(run)")
  }

  @Test(arguments: [
    (["--dry-run", "resume", "20260101-0"], "no run '20260101-0'", "see the list with `opsh runs`"),
    (["--dry-run", "fork", "20260101-0", "--from", "x"], "no run '20260101-0'", "see the list with `opsh runs`"),
    (["resume", "20260101-0"], "no run '20260101-0'", "see the list with `opsh runs`"),
    (["rollback", "20260101-0"], "no run '20260101-0'", "see the list with `opsh runs`"),
    (["fork", "20260101-0", "--from", "x"], "no run '20260101-0'", "see the list with `opsh runs`"),
    (["approve", "20260101-0"], "no run '20260101-0'", "see the list with `opsh runs`"),
    (["lint", "gone.lua"], "gone.lua", "check the path"),
    (["drill", "gone.lua"], "gone.lua cannot be read", "give the path of a Lua file"),
    (
      ["drill", "script.lua"], "script.lua is not a runbook; only runbooks can be drilled",
      "return a table"
    ),
    (["drill", "note.lua", "txet=1"], "note: no parameter named 'txet'", "did you mean 'text'?"),
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
      #expect(run.errors.contains("no site is given") && run.errors.contains("--site FILE"), "\(words) \(run)")
    }
  }

  @Test func `a drill is carried out, and everything that lists runs knows it`() throws {
    let place = try place()
    let none = try opsh(["drill", "note.lua", "text=practice"], in: place)
    #expect(none.status == 6 && none.errors.contains("no terminal"), "\(none)")
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
    #expect(dry.status == 64 && dry.errors.contains("a drill makes real changes"), "\(dry)")
  }
}
