import Foundation
import Journal
import OpshLab
import PrimitiveKit
import Testing

@testable import JournalSQLite

/// What is wrong with a journal, a plan, a clock or an undo is said in one sentence with a hint, and costs nothing.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct BadInputTests {
  private let rollout = Prey.runbook("rollout")

  /// Expects a refusal that changes no host and says why.
  private func expectRefused(
    _ prey: Prey,
    _ words: [String],
    status: Int32,
    _ sentence: String,
    hint: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let hosts = try HostPicture.of(prey)
    let run = try await prey.opsh(words)
    #expect(run.status == status, "\(run)", sourceLocation: sourceLocation)
    #expect(run.errors.contains(sentence), "\(run)", sourceLocation: sourceLocation)
    #expect(run.errors.contains("  hint: \(hint)"), "\(run)", sourceLocation: sourceLocation)
    #expect(try HostPicture.of(prey).differences(from: hosts) == [], sourceLocation: sourceLocation)
  }

  @Test func `a journal of a newer opsh is read and not written`() async throws {
    try await Prey.with(hosts: 2) { prey in
      #expect(try await prey.opsh(rollout, "target=web001").status == 0)
      try await prey.tamper("UPDATE meta SET value = '99' WHERE name = 'schema'")
      let words = [rollout, "target=web002"]
      try await expectRefused(
        prey,
        words,
        status: 6,
        "has schema 99; this opsh writes only schema",
        hint: "use the opsh"
      )
      let runs = try await prey.opsh("runs")
      #expect(runs.status == 0 && runs.output.contains("changes are refused"), "\(runs)")
      #expect(runs.output.contains("rollout"), "\(runs)")
      #expect(try await prey.opsh("audit", "verify").status == 0)
      // The newer opsh finds everything as it was.
      try await prey.tamper("UPDATE meta SET value = '2' WHERE name = 'schema'")
      #expect(try await prey.opsh(words).status == 0)
    }
  }

  @Test func `a damaged journal gives what can be read and takes nothing`() async throws {
    try await Prey.with(hosts: 2) { prey in
      for host in ["web001", "web002"] {
        #expect(try await prey.opsh(rollout, "target=\(host)", "image=v1").status == 0)
      }
      let records = try await prey.withJournal { try await $0.verify().count }
      try await prey.damagePage(of: "audit") { $0[$0.count / 2] }
      let export = try await prey.opsh("audit", "export")
      let saved = export.output.split(separator: "\n").filter { $0.hasPrefix("{") }.count
      #expect(export.status == 6 && saved > 0 && saved < records, "\(saved) of \(records): \(export)")
      #expect(try await prey.opsh("audit", "verify").status == 65)
      // Where the next record would go, it is noticed before anything is done.
      try await prey.damagePage(of: "audit") { $0[$0.count - 1] }
      let words = [rollout, "target=web002"]
      try await expectRefused(
        prey,
        words,
        status: 6,
        "is damaged",
        hint: "restore a backup with `opsh journal restore BACKUP`"
      )
      // Looking at the fleet needs no journal.
      let status = try await prey.opsh("-e", "print(#fleet.status())")
      #expect(status.status == 0 && status.output.hasSuffix("2\n"), "\(status)")
    }
  }

  @Test func `after a lost journal the hosts obey a new one`() async throws {
    try await Prey.with(hosts: 1) { prey in
      #expect(try await prey.opsh(rollout, "target=web001").status == 0)
      for end in ["", "-wal", "-shm", ".anchors"] {
        try? FileManager.default.removeItem(atPath: prey.journalPath + end)
      }
      let again = try await prey.opsh(rollout, "target=web001", "image=v1")
      #expect(again.status == 0, "\(again)")
    }
  }

  @Test func `a journal that was edited takes nothing until somebody accepts it`() async throws {
    try await Prey.with(hosts: 1) { prey in
      let words = [rollout, "target=web001"]
      #expect(try await prey.opsh(words + ["image=v1"]).status == 0)
      // The lock of the run was given back after it ended, and that record is anchored, too.
      let anchored = try await prey.withJournal { try await $0.verify() }
      #expect(anchored.isIntact && anchored.anchorCount > 1, "\(anchored)")
      try await prey.tamper("UPDATE operations SET outcome = '[]' WHERE state = 'done'")
      let verify = try await prey.opsh("audit", "verify")
      #expect(verify.status == 65 && verify.output.contains("its outcome"), "\(verify)")
      try await expectRefused(prey, words + ["image=v2"], status: 6, "is damaged", hint: "opsh no longer writes to it")
      let runs = try await prey.opsh("runs")
      #expect(runs.status == 0 && runs.output.contains("changes are refused"), "\(runs)")
      #expect(try await prey.opsh("audit", "accept").status == 65)
      let accepted = try await prey.opsh("--reason", "a drill", "audit", "accept")
      #expect(accepted.status == 0, "\(accepted)")
      #expect(try await prey.opsh(words + ["image=v2"]).status == 0)
      let again = try await prey.opsh("audit", "verify")
      #expect(again.status == 0 && again.output.contains("a drill"), "\(again)")
    }
  }

  @Test func `a file that is no journal is left as it is`() async throws {
    try await Prey.with(hosts: 1) { prey in
      try prey.write(String(repeating: "my notes\n", count: 1000), to: prey.journalPath)
      try await expectRefused(
        prey,
        [rollout, "target=web001"],
        status: 6,
        "is damaged",
        hint: "restore a backup with `opsh journal restore BACKUP`"
      )
      #expect(try String(contentsOfFile: prey.journalPath, encoding: .utf8).hasPrefix("my notes\n"))
    }
  }

  @Test(arguments: [
    ("read-only", "cannot be written: Read-only file system", "make the file and its directory writable"),
    ("full", "cannot grow: no space left", "free space on its disk"),
  ])
  func `a disk that gives out in the middle is named, and the run goes on later`(
    _ kind: String,
    _ sentence: String,
    _ hint: String
  ) async throws {
    try await Prey.with(hosts: 2) { prey in
      // Both while it is written to and while a record is made durable: each fails at another call of the library.
      #expect(try await prey.opsh(rollout, "target=all", "image=v1").status == 0)
      for (write, image) in [(90, "v2"), (91, "v1"), (92, "v2"), (93, "v1")] {
        let words = [rollout, "target=all", "image=\(image)"]
        let run = try await prey.opsh(words, harm: .disk(kind, from: write))
        #expect(run.status == 5, "\(write): \(run)")
        #expect(run.errors.contains(sentence), "\(write): \(run)")
        #expect(run.errors.contains("  hint: \(hint)"), "\(write): \(run)")
        let begun = try #require(try await prey.newestRun())
        let resumed = try await prey.opsh("resume", begun.id)
        #expect(resumed.status == 0, "\(write): \(resumed)")
      }
    }
  }

  @Test func `a clock that jumps loses no run and no record`() async throws {
    try await Prey.with(hosts: 2) { prey in
      let words = [rollout, "target=web001"]
      #expect(try await prey.opsh(words + ["image=v1"]).status == 0)
      #expect(try await prey.opsh(words + ["image=v2"], harm: .clock(-86_400)).status == 0)
      // Killed four minutes ahead, as far as hosts obey a clock that is not theirs: its lease seems to last until then.
      let killed = try await prey.opsh(words + ["image=v1"], harm: .clock(240).and(.kill(at: 12, .after)))
      #expect(killed.wasKilled, "\(killed)")
      let id = try #require(
        try await prey.opsh("runs").output.split(separator: "\n").first { $0.contains("interrupted") }
      )
      let resumed = try await prey.opsh("resume", String(id.prefix { $0 != " " }))
      #expect(resumed.status == 0, "\(resumed)")
      let report = try await prey.withJournal { try await $0.verify() }
      #expect(report.isIntact && report.count > 40, "\(report)")
    }
  }

  @Test func `a plan that no longer holds is refused with what differs`() async throws {
    try await Prey.with(hosts: 2) { prey in
      let plan = prey.directory + "/plan.json"
      let words = [rollout, "target=web001", "image=v2"]
      #expect(try await prey.opsh(["--dry-run", "--plan-out", plan] + words).status == 0)
      let text = try String(contentsOfFile: plan, encoding: .utf8)
      let site = try String(contentsOfFile: prey.lab.site, encoding: .utf8)
      func apply(_ words: [String]) -> [String] { ["--apply", plan] + words }

      try prey.write(text.replacing("web001", with: "web002"), to: plan)
      try await expectRefused(
        prey,
        apply(words),
        status: 65,
        "was edited: its content does not have",
        hint: "make the plan"
      )
      try prey.write(String(text.prefix(200)), to: plan)
      try await expectRefused(
        prey,
        apply(words),
        status: 65,
        "is not a plan file, or is truncated",
        hint: "make it again"
      )
      try prey.write(text.replacing("\"format\" : 2", with: "\"format\" : 9"), to: plan)
      try await expectRefused(
        prey,
        apply(words),
        status: 65,
        "has format 9; this opsh reads format 2",
        hint: "make it again"
      )
      try prey.write(text, to: plan)
      try await expectRefused(
        prey,
        apply([rollout, "target=web002"]),
        status: 6,
        "the plan no longer holds",
        hint: "make it again"
      )

      try prey.write(site.replacing("name = \"lab\"", with: "name = \"other\""), to: prey.lab.site)
      try await expectRefused(
        prey,
        apply(words),
        status: 6,
        "the plan is for the site 'lab'",
        hint: "make it again here"
      )
      // Another host answers to the name now.
      try prey.write(site.replacing("bots = \"bot1\"", with: "bots = \"bot9\""), to: prey.lab.site)
      try await expectRefused(prey, apply(words), status: 6, "the plan no longer holds", hint: "make it again")
      try prey.write(
        site.split(separator: "\n").filter { !$0.contains("\"web001\"") }.joined(separator: "\n"),
        to: prey.lab.site
      )
      try await expectRefused(prey, apply(words), status: 65, "the site has no web001", hint: "did you mean 'web002'?")
      try prey.write(site, to: prey.lab.site)

      #expect(try await prey.opsh(apply(words)).status == 0)
      // It is done, and that is said before that the hosts are not as the plan found them.
      let done = try #require(try await prey.newestRun())
      try await expectRefused(
        prey,
        apply(words),
        status: 6,
        "this plan was already applied by run \(done.id)",
        hint: "see its outcome with `opsh -e 'run(\"\(done.id)\")'`; make a new plan with --plan-out"
      )
    }
  }

  @Test func `a rollback whose undo fails stops, and goes on once it can`() async throws {
    try await Prey.with(hosts: 2) { prey in
      let run = try await prey.opsh(
        "--on-failure",
        "rollback",
        rollout,
        "target=web002",
        "fails=true",
        "broken_undo=ready"
      )
      #expect(run.status == 8, "\(run)")
      #expect(run.errors.contains("stopped: the undo cannot work yet"), "\(run)")
      let rollback = try #require(try await prey.newestRun())
      #expect(
        run.errors.contains("  hint: fix the cause; `opsh resume \(rollback.id)` then continues the rollback"),
        "\(run)"
      )
      try prey.write("", to: prey.lab.layout.home(of: "web002") + "/ready")
      let resumed = try await prey.opsh("resume", rollback.id)
      #expect(resumed.status == 0, "\(resumed)")
      #expect(prey.lines(of: "trace", on: "web002") == ["marked", "unmarked"])
      #expect(try prey.starts() == ["bot1": 1, "bot2": 2])
      let bad = try await prey.withJournal { try await $0.badReleases().map(\.image) }
      // That a later step failed says nothing against it.
      #expect(bad.isEmpty)
    }
  }
}

extension Prey {
  func write(_ text: String, to path: String) throws {
    let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }

  /// Changes the journal behind its back.
  func tamper(_ statement: String) async throws {
    let database = try await SQLiteDatabase.open(journalPath)
    try await database.transaction { (session) throws(CallFailure) in _ = try await session.query(statement, []) }
    await database.close()
  }

  /// Overwrites one of the pages of a table, in the order of its rows.
  func damagePage(of table: String, _ choose: ([Int64]) -> Int64) async throws {
    let database = try await SQLiteDatabase.open(journalPath)
    try await database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    let pages = try await database.reading { (session) throws(CallFailure) in
      try await session.query(
        "SELECT pageno FROM dbstat WHERE name = $1 AND pagetype = 'leaf' ORDER BY path",
        [.text(table)]
      )
    }
    await database.close()
    let numbers = pages.compactMap { $0.first?.int }
    try #require(numbers.count > 3)
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: journalPath))
    try file.seek(toOffset: UInt64(choose(numbers) - 1) * 4096)
    try file.write(contentsOf: Data(repeating: 0x78, count: 4096))
    try file.close()
  }
}
