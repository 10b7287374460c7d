import Foundation
import Testing

/// Stopping and lifting as operators type them: every command is a process of its own, and the host is this machine.
struct StopCommandTests {
  private final class Place {
    let directory: Scratch

    init() throws {
      directory = try Scratch()
      let hosts = #"hosts = { { name = "me", transport = "local", bots = "bot[1-2]" } }"#
      let runtime = #"runtime = "process", runtimes = { process = { root = "\#(directory.path)/bots" } }"#
      try directory.file(
        "site.lua",
        #"return { name = "lab", journal = "\#(directory.path)/journal", \#(runtime), \#(hosts) }"#
      )
    }

    func opsh(_ words: String...) throws -> OpshRun {
      let environment = ["HOME": directory.path, "XDG_STATE_HOME": directory.path, "PATH": "/usr/bin:/bin"]
      return try OpshRun(["--site", "site.lua"] + words, environment: environment, directory: directory)
    }

    var marks: [String] {
      let found = try? FileManager.default.contentsOfDirectory(atPath: "\(directory.path)/.opsh/stop")
      return (found ?? []).sorted()
    }
  }

  @Test func `a stop that goes well says nothing of stops that waited, and is written down once`() throws {
    let place = try Place()
    let stop = try place.opsh("stop", "bot1")
    #expect(stop.status == 0, "\(stop)")
    #expect(!stop.errors.contains("waited") && !stop.output.contains("waited"), "\(stop)")
    let again = try place.opsh("stop", "bot2")
    #expect(!again.errors.contains("waited") && !again.output.contains("waited"), "\(again)")
    let runs = try place.opsh("-e", "for _, r in ipairs(runs()) do print(r.name, r.state) end")
    #expect(runs.output == "fleet.stop\tok\nfleet.stop\tok\n", "\(runs)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(place.directory.path)/opsh/lab.stops").isEmpty)
  }

  @Test func `a stop that waited for the journal is said when it is written down`() throws {
    let place = try Place()
    #expect(try place.opsh("stop", "bot1").status == 0)
    let journal = "\(place.directory.path)/journal"
    let kept = "\(place.directory.path)/kept"
    // Something else stands where the journal was.
    try FileManager.default.moveItem(atPath: journal, toPath: kept)
    try FileManager.default.createDirectory(atPath: journal, withIntermediateDirectories: true)
    let stop = try place.opsh("stop", "bot1")
    #expect(stop.status == 0 && (stop.output + stop.errors).contains("not in the journal yet"), "\(stop)")
    try FileManager.default.removeItem(atPath: journal)
    try FileManager.default.moveItem(atPath: kept, toPath: journal)
    let next = try place.opsh("-e", "print(#runs())")
    #expect((next.output + next.errors).contains("1 waiting stop recorded"), "\(next)")
    #expect(next.output.hasSuffix("2\n"), "\(next)")
  }

  @Test func `a runbook that locks by hand what its run holds is not kept out, nor says so in its plan`() throws {
    let place = try Place()
    let header =
      #"return { version = "1.0.0", effects = { "changes", "administers" }, lock = "host/me", run = function(job)"#
    let step = #"job:step("take", function() lock.take{ scope = "host/me", reason = "a look" } end) end }"#
    try place.directory.file("look.lua", "\(header) \(step)")
    let run = try place.opsh("--yes", "look.lua")
    #expect(run.status == 0 && !(run.output + run.errors).contains("held: "), "\(run)")
    let locks = try place.opsh("-e", "print(locks()[1].scope, locks()[1].sticky)")
    #expect(locks.output == "host/me\ttrue\n", "\(locks)")
  }

  @Test func `a latch is asked about, also for one bot, and --yes needs a reason`() throws {
    let place = try Place()
    let asked = try place.opsh("stop", "bot1", "--mode", "halt_all")
    #expect(asked.status == 6 && asked.errors.contains("no terminal to ask at"), "\(asked)")
    let bare = try place.opsh("stop", "bot1", "--mode", "halt_all", "--yes")
    #expect(bare.status == 6 && bare.errors.contains("needs a reason"), "\(bare)")
    #expect(place.marks.isEmpty)
    let latched = try place.opsh("stop", "bot1", "--mode", "halt_all", "--yes", "--reason", "wrong prices")
    #expect(latched.status == 0, "\(latched)")
    #expect(place.marks == ["bot1"])
    // The other modes were typed on purpose.
    #expect(try place.opsh("stop", "bot2").status == 0)
  }

  @Test func `a latch is lifted with a reason, by a run that the journal keeps`() throws {
    let place = try Place()
    let latched = try place.opsh("stop", "bot[1-2]", "--mode", "halt_all", "--yes", "--reason", "wrong prices")
    #expect(latched.status == 0, "\(latched)")
    let bare = try place.opsh("lift", "bot1", "--yes")
    #expect(bare.status == 6 && bare.errors.contains("fleet.lift needs a reason"), "\(bare)")
    let asked = try place.opsh("lift", "bot1", "--reason", "prices are right")
    #expect(asked.status == 6 && asked.errors.contains("number of bots (1)"), "\(asked)")
    let dry = try place.opsh("lift", "*", "--reason", "prices are right", "--dry-run")
    #expect((dry.output + dry.errors).contains("would lift 2 marks of 2 bots"), "\(dry)")
    #expect(place.marks == ["bot1", "bot2"])
    let lifted = try place.opsh("lift", "bot1", "--yes", "--reason", "prices are right", "--json")
    #expect(lifted.status == 0 && lifted.output.contains("halt_all"), "\(lifted)")
    #expect(place.marks == ["bot2"])
    let record = try place.opsh(
      "-e",
      "local r = runs()[1] print(r.name, r.state, run(r.id).operations[1].kind, run(r.id).arguments.reason)"
    )
    #expect(record.output == "fleet.lift\tok\tbots.lift\tprices are right\n", "\(record)")
    let again = try place.opsh("lift", "bot1", "--yes", "--reason", "once more")
    #expect(again.status == 0 && (again.output + again.errors).contains("lifted 0 marks of 1 bot"), "\(again)")
  }
}
