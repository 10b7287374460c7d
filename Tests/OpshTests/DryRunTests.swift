import Foundation
import Testing

/// Dry runs of several runbooks with what the site gives them, on this machine.
struct DryRunTests {
  private final class Place {
    let directory: Scratch

    init(arguments: String = "note = { text = 'from the site' }", recording: String = "") throws {
      directory = try Scratch()
      try directory.file(
        "ci/site.lua",
        """
        return {
          name = "here",
          hosts = { { name = "me", transport = "local" } },
          dry_run = {
            \(recording)
            arguments = {
              \(arguments)
            },
          },
        }
        """
      )
      try directory.file("runbooks/note.lua", Place.book("{ 'text', type = 'string' }, { 'on', type = 'hosts' }"))
      try directory.file("runbooks/look.lua", Place.book("{ 'on', type = 'hosts', default = 'me' }"))
    }

    /// A runbook that looks at a host and writes a line there.
    static func book(_ parameters: String) -> String {
      """
      return {
        version = "1.0.0", effects = { "changes" }, params = { \(parameters) },
        check = function(_, args)
          return { seen = fleet.query { on = args.on, cmd = "cat seen" }[1].output }
        end,
        run = function(job, args, found)
          job:note("it says " .. found.seen)
          job:step("write", function() fleet.exec { on = args.on, cmd = "echo " .. (args.text or "") } end)
        end,
      }
      """
    }

    func opsh(_ words: String...) throws -> OpshRun {
      try OpshRun(
        ["--site", "ci/site.lua"] + words,
        environment: ["HOME": directory.path, "PATH": "/usr/bin:/bin"],
        directory: directory
      )
    }

    func seen(_ text: String) throws { try directory.file("seen", text) }
  }

  private let books = ["runbooks/look.lua", "runbooks/note.lua"]

  @Test func `the site gives arguments to dry runs, and the plan says which`() throws {
    let place = try Place(arguments: "note = { text = 'from the site', on = 'me' }")
    let dry = try place.opsh("--dry-run", "runbooks/note.lua")
    #expect(dry.status == 0, "\(dry)")
    #expect(dry.output.contains(#"on="me" text="from the site""#), "\(dry)")
    #expect(dry.output.contains("  of the site  text, on\n"), "\(dry)")
    let word = try place.opsh("--dry-run", "runbooks/note.lua", "text=typed")
    #expect(word.output.contains(#"text="typed""#) && word.output.contains("  of the site  on\n"), "\(word)")
    let live = try place.opsh("--yes", "runbooks/note.lua")
    #expect(live.status == 65 && live.errors.contains("note: 'text' and 'on' are missing"), "\(live)")
    let prompt = try place.opsh("-e", #"runbook.run<name="runbooks/note.lua", dry_run=true>.site_arguments"#)
    #expect(prompt.status == 0 && prompt.output.contains(#""text", "on""#), "\(prompt)")
  }

  @Test func `a dry run of resume, rollback and fork shows the plan and changes nothing`() throws {
    let place = try Place()
    try place.directory.file(
      "runbooks/two.lua",
      """
      return { version = "1.0.0", effects = { "changes" },
        run = function(job)
          job:step("write", function() fleet.put { on = "me", path = "note", content = "x" } end)
          job:step("look", function() fleet.exec { on = "me", cmd = "echo again >> log; test -e there" } end)
        end }
      """
    )
    let failed = try place.opsh("--yes", "runbooks/two.lua")
    #expect(failed.status != 0, "\(failed)")
    let run = try place.opsh("-e", "print(runs()[1].id)").output.filter { !$0.isNewline }
    let resume = try place.opsh("--dry-run", "resume", run)
    #expect(resume.status == 0 && resume.output.contains("would resume \(run): 1 of 2 started steps"), "\(resume)")
    #expect(resume.output.contains("look"), "\(resume)")
    let fork = try place.opsh("--dry-run", "fork", run, "--from", "look")
    #expect(fork.status == 0 && fork.output.contains("look"), "\(fork)")
    let rollback = try place.opsh("--dry-run", "rollback", run)
    #expect(rollback.status == 6 && rollback.output.contains("= rollback plan ="), "\(rollback)")
    #expect(rollback.errors.contains("did nothing that can be undone"), "\(rollback)")
    #expect(try place.opsh("-e", "print(#runs(), runs()[1].state)").output == "1\tfailed\n")
    #expect(try String(contentsOfFile: "\(place.directory.path)/log", encoding: .utf8) == "again\n")
    #expect(FileManager.default.fileExists(atPath: "\(place.directory.path)/note"))
  }

  @Test func `no file that cannot be read is green in a report`() throws {
    let place = try Place(arguments: "look = {}")
    try place.directory.file("runbooks/torn.lua", "return { version = '1.0.0', run = function( end }")
    let dry = try place.opsh("--dry-run", "--junit", "out.xml", books[0], "runbooks/torn.lua", "runbooks/gone.lua")
    #expect(dry.status == 65, "\(dry)")
    let report = try String(contentsOfFile: "\(place.directory.path)/out.xml", encoding: .utf8)
    #expect(report.components(separatedBy: "<testsuite ").count == 4, "\(report)")
    #expect(report.contains("runbooks/torn.lua") && report.contains("runbooks/gone.lua"), "\(report)")
    #expect(report.components(separatedBy: "<error").count + report.components(separatedBy: "<failure").count >= 4)
  }

  @Test func `the reason of the command line is the parameter that wants one`() throws {
    let place = try Place()
    try place.directory.file("runbooks/why.lua", Place.book("{ 'on', type = 'hosts' }, { 'text', type = 'reason' }"))
    let dry = try place.opsh("--dry-run", "--reason", "drift", "runbooks/why.lua", "on=me")
    #expect(dry.status == 0 && dry.output.contains(#"text="drift""#), "\(dry)")
  }

  @Test func `each of several runbooks takes the words it declares`() throws {
    let place = try Place()
    let both = try place.opsh("--dry-run", "--junit", "out.xml", books[0], books[1], "on=me", "text=typed")
    #expect(both.status == 0, "\(both)")
    #expect(both.output.contains(#"Arguments   on="me"\#n"#), "\(both)")
    #expect(both.output.contains(#"Arguments   on="me" text="typed""#), "\(both)")
    let report = try String(contentsOfFile: "\(place.directory.path)/out.xml", encoding: .utf8)
    #expect(report.components(separatedBy: "<testsuite ").count == 3, "\(report)")

    let unknown = try place.opsh("--dry-run", books[0], books[1], "on=me", "txet=1")
    #expect(unknown.status == 64 && unknown.output.isEmpty, "\(unknown)")
    #expect(unknown.errors.contains("none of the 2 files declares a parameter 'txet'"), "\(unknown)")
    #expect(unknown.errors.contains("did you mean 'text'?"), "\(unknown)")
    let live = try place.opsh("--yes", books[0], books[1], "on=me")
    #expect(live.status == 64 && live.errors.contains("arguments work with one file only"), "\(live)")
    let twice = try place.opsh("--dry-run", books[0], "on=me", "on=you")
    #expect(twice.status == 64 && twice.errors.contains("'on' is given twice"), "\(twice)")
  }

  @Test(arguments: [
    (
      "note = { txt = 'x' },", "ci/site.lua:7: dry_run.arguments.note.txt: expected a parameter of 'note', got 'txt'",
      "did you mean 'text'?"
    ),
    (
      "look = {}, note = { on = 1 },", "ci/site.lua:7: dry_run.arguments.note.on: expected a set of hosts, got 1",
      "for example"
    ),
    (
      "noet = { on = 'me' },", "ci/site.lua:7: dry_run.arguments.noet: expected the name of a runbook, got 'noet'",
      "did you mean 'note'?"
    ),
  ])
  func `what the site gives wrongly is an error with its line`(arguments: String, message: String, hint: String) throws
  {
    let dry = try Place(arguments: arguments).opsh("--dry-run", "runbooks/note.lua", "text=typed")
    #expect(dry.status == 65, "\(dry)")
    #expect(dry.errors.contains(message) && dry.errors.contains(hint), "\(dry)")
  }

  @Test func `the site names the recording that dry runs read from`() throws {
    let place = try Place(arguments: "note = { text = 'x', on = 'me' }", recording: "recording = 'recording',")
    let missing = try place.opsh("--dry-run", books[0])
    #expect(missing.status == 65 && missing.errors.contains("ci/recording/meta.json cannot be read"), "\(missing)")
    try place.seen("old")
    let record = try place.opsh("--dry-run", "--record", "ci/recording", books[0], books[1])
    #expect(record.status == 0 && record.output.contains("it says old"), "\(record)")
    try place.seen("new")
    let replay = try place.opsh("--dry-run", books[0], books[1])
    #expect(replay.status == 0 && replay.output.contains("it says old"), "\(replay)")
    #expect(replay.output.contains("reads come from the recording ci/recording, as set in ci/site.lua"), "\(replay)")
    let live = try place.opsh("-e", #"fleet.query("me", "cat seen")[1].output"#)
    #expect(live.output.contains("new"), "\(live)")
  }
}
