import Approvals
import Journal
import PrimitiveKit
import Runbooks
import Site
import Testing

struct RunSettingsTests {
  /// What a site says of runs, in the sections of those who read it.
  struct Settings {
    let approvals: ApprovalSettings
    let journal: JournalSettings
    let runbooks: RunbookSettings
  }

  func settings(_ fields: [String: Value]) throws -> Settings {
    let site = try Site(decoding: .table(Sample.table.merging(fields) { $1 }), sections: Sample.sections)
    return Settings(
      approvals: site.sections[ApprovalSettings.self],
      journal: site.sections[JournalSettings.self],
      runbooks: site.sections[RunbookSettings.self]
    )
  }

  @Test func `a site that says nothing of runs asks for no approval`() throws {
    let runs = try settings([:])
    #expect(runs.journal.journal == nil && runs.approvals.allowedSigners == nil)
    #expect(runs.journal.lease == .seconds(60) && runs.journal.lockWait == .zero)
    #expect(runs.approvals.approvals == ApprovalSettings.Approvals())
    #expect(runs.runbooks == RunbookSettings())
  }

  // It was refused with "expected seconds", where every other time of a site is such a text.
  @Test func `times of a site are seconds or text`() throws {
    let journal = try settings(["lease": .string("2m"), "lock_wait": .string("1h")]).journal
    #expect(journal.lease == .seconds(120) && journal.lockWait == .seconds(3600))
  }

  @Test func `a site that knows its signers asks for approvals where it is dangerous`() throws {
    let runs = try settings(["allowed_signers": .string("signers")])
    #expect(runs.approvals.allowedSigners == "signers")
    #expect(runs.approvals.approvals.effects == [.trades, .administers])
    #expect(runs.approvals.approvals.speeds == ["immediate"])
    #expect(runs.approvals.approvals.runbooks == [] && !runs.approvals.approvals.all)
  }

  @Test func `a site may ask for more, for less, or for all`() throws {
    let more = try settings(["approvals": .table(["runbooks": .array([.string("failover")])])]).approvals.approvals
    #expect(more == .init(effects: [.trades, .administers], speeds: ["immediate"], runbooks: ["failover"]))
    let less = try settings([
      "allowed_signers": .string("signers"),
      "approvals": .table(["effects": .table([:]), "speeds": .array([.string("fast")])]),
    ]).approvals.approvals
    #expect(less == .init(speeds: ["fast"]))
    #expect(try settings(["approvals": .table(["all": .bool(true)])]).approvals.approvals.all)
  }

  @Test func `a site says what dry runs take`() throws {
    let deploy: [String: Value] = ["target": .string("all"), "hosts": .array([.int(1)])]
    let runs = try settings([
      "dry_run": .table([
        "recording": .string("recording"), "arguments": .table(["deploy": .table(deploy), "exec": .table([:])]),
      ])
    ])
    #expect(
      runs.runbooks.dryRun
        == RunbookSettings.DryRun(recording: "recording", arguments: ["deploy": deploy, "exec": [:]])
    )
    #expect(try settings(["dry_run": .table([:])]).runbooks.dryRun == RunbookSettings.DryRun())
  }

  @Test func `every key is read`() throws {
    let runs = try settings([
      "journal": .string("postgres://opsh@db.example.net/opsh"),
      "runbooks": .table(["folders": .array([.string("runbooks"), .string("~/runbooks")]), "signed": .bool(true)]),
      "notify": .array([.string("mail-to"), .string("--urgent")]),
      "lock_wait": .int(300), "lease": .number(12.5), "journal_network": .bool(true),
    ])
    #expect(runs.journal.journal == "postgres://opsh@db.example.net/opsh")
    #expect(runs.runbooks.folders == ["runbooks", "~/runbooks"] && runs.runbooks.signed)
    #expect(runs.runbooks.notify == ["mail-to", "--urgent"])
    #expect(runs.journal.allowsNetwork)
    #expect(runs.journal.lockWait == .seconds(300) && runs.journal.lease == .seconds(12.5))
    #expect(try settings(["notify": .string("mail-to")]).runbooks.notify == ["mail-to"])
    #expect(try settings(["lock_wait": .int(0)]).journal.lockWait == .zero)
    #expect(try settings(["journal": .string("~/opsh.journal")]).journal.journal == "~/opsh.journal")
  }

  @Test(arguments: [
    ("journal", Value.int(1), "journal", "a path, or postgres://HOST/DATABASE", "1"),
    ("journal", .string("mysql://me:secret@db/x"), "journal", "a path, or postgres://HOST/DATABASE", "'mysql://…'"),
    (
      "journal", .string("postgres://me:secret@db"), "journal", "a path, or postgres://HOST/DATABASE",
      "a URL without a database"
    ),
    (
      "journal", .string("postgres://me:secret@db/"), "journal", "a path, or postgres://HOST/DATABASE",
      "a URL without a database"
    ),
    ("allowed_signers", .bool(true), "allowed_signers", "the path of an allowed_signers file", "true"),
    ("approvals", .bool(true), "approvals", "a table", "true"),
    ("approvals", .table(["effect": .string("trades")]), "approvals.effect", "a known key", "'effect'"),
    ("approvals", .table(["effects": .string("reads")]), "approvals.effects", "the names of effects", "'reads'"),
    ("approvals", .table(["effects": .int(1)]), "approvals.effects", "a list of effects", "1"),
    ("approvals", .table(["speeds": .string("quick")]), "approvals.speeds", "the names of speeds", "'quick'"),
    ("approvals", .table(["runbooks": .bool(true)]), "approvals.runbooks", "a list of names of runbooks", "true"),
    ("approvals", .table(["all": .string("yes")]), "approvals.all", "true or false", "\"yes\""),
    ("runbooks", .table(["folder": .string("x")]), "runbooks.folder", "a known key", "'folder'"),
    ("runbooks", .table(["folders": .int(1)]), "runbooks.folders", "a folder, or a list of folders", "1"),
    ("runbooks", .table(["signed": .int(1)]), "runbooks.signed", "true or false", "1"),
    ("dry_run", .table(["replay": .string("x")]), "dry_run.replay", "a known key", "'replay'"),
    ("dry_run", .table(["recording": .int(1)]), "dry_run.recording", "the directory of a recording", "1"),
    (
      "dry_run", .table(["arguments": .string("x")]), "dry_run.arguments", "a table of arguments by runbook", "\"x\""
    ),
    (
      "dry_run", .table(["arguments": .table(["roll-out": .int(1)])]), #"dry_run.arguments["roll-out"]"#,
      "a table of arguments by parameter", "1"
    ),
    ("notify", .table([:]), "notify", "a program, or a list of a program and its arguments", "{}"),
    ("notify", .array([.int(1)]), "notify[1]", "a text", "1"),
    ("lock_wait", .int(-1), "lock_wait", #"0 to 86400 seconds, or text such as "2m""#, "-1"),
    ("lock_wait", .string("25h"), "lock_wait", #"0 to 86400 seconds, or text such as "2m""#, "\"25h\""),
    ("lease", .int(9), "lease", #"10 to 600 seconds, or text such as "2m""#, "9"),
    ("lease", .number(.nan), "lease", #"10 to 600 seconds, or text such as "2m""#, "nan"),
  ])
  func `a wrong key is named, never with a password`(
    key: String,
    value: Value,
    path: String,
    expected: String,
    got: String
  ) {
    let error = #expect(throws: DataError.self) { try settings([key: value]) }
    #expect(error?.path == path)
    #expect(error?.expected == expected)
    #expect(error?.got == got)
    #expect(error?.message.contains("secret") == false)
  }

  @Test func `hints name the nearest word`() {
    func hint(_ fields: [String: Value]) -> String? {
      #expect(throws: DataError.self) { try settings(fields) }?.hint
    }
    #expect(hint(["approvals": .table(["effects": .string("trade")])]) == "did you mean 'trades'?")
    #expect(hint(["runbooks": .table(["folder": .string("x")])]) == "did you mean 'folders'?")
    #expect(hint(["allowed_signer": .string("x")]) == "did you mean 'allowed_signers'?")
  }
}
