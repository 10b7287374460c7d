import Console
import DomainProof
import Foundation
import PluginHost
import PrimitiveKit
import PseudoTerminal
import Site
import Testing

@testable import opsh

/// A domain that adds one of everything, in the real composition: each contribution works, and nothing else was touched.
@Suite(.serialized)
struct DomainProofTests {
  private let place: URL

  init() throws {
    place = FileManager.default.temporaryDirectory.appending(path: "opsh-proof-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    try site()
  }

  private func site(_ shelves: String = "shelves") throws {
    let text = """
      return {
        name = "lab",
        runtimes = { process = { root = "\(place.path)/bots" } },
        hosts = { { name = "here", address = "127.0.0.1", transport = "local", bots = "bot[1-2]" } },
        \(shelves) = { east = { file = "\(place.path)/east", bots = "bot1" } },
      }
      """
    try text.write(to: place.appending(path: "site.lua"), atomically: true, encoding: .utf8)
  }

  /// The same site without a word of shelves.
  private func plainSite() throws {
    let text = #"return { name = "lab", hosts = { { name = "here", transport = "local", bots = "bot[1-2]" } } }"#
    try text.write(to: place.appending(path: "plain.lua"), atomically: true, encoding: .utf8)
  }

  private struct Result {
    let status: Int32
    let output: String
    let errors: String
  }

  /// Runs opsh with the domain, in this process.
  private func opsh(_ words: String...) async throws -> Result {
    try await program(["opsh", "--site", "\(place.path)/site.lua"] + words)
  }

  private func program(_ words: [String]) async throws -> Result {
    var files: [URL] = []
    var descriptors: [Int32] = []
    for name in ["out", "err"] {
      let file = place.appending(path: name)
      files.append(file)
      descriptors.append(open(file.path, O_WRONLY | O_CREAT | O_TRUNC, 0o600))
    }
    defer { for descriptor in descriptors { close(descriptor) } }
    let program = Program(
      output: FileOutput(descriptors[0]),
      errors: FileOutput(descriptors[1]),
      environment: ["XDG_STATE_HOME": place.path, "HOME": place.path],
      domains: Opsh.domains + [.shelves]
    )
    let status = await program.run(words)
    return Result(
      status: status,
      output: try String(contentsOf: files[0], encoding: .utf8),
      errors: try String(contentsOf: files[1], encoding: .utf8)
    )
  }

  @Test func `its primitive is called from Lua, and its change is journaled`() async throws {
    let done = try await opsh("--yes", "-e", #"print(shelf.label<shelf="east", text="accounts">)"#)
    #expect(done.output.contains("accounts"), "\(done)")
    #expect(done.status == 0, "\(done)")
    #expect(try String(contentsOf: place.appending(path: "east"), encoding: .utf8) == "accounts")
    let run = try await opsh("-e", "local r = runs()[1] print(r.name, r.state)")
    #expect(run.output.contains("shelf.label\tok"), "\(run)")
  }

  @Test func `its change of a database asks for the rows that it puts at stake`() async throws {
    let refused = try await opsh("-e", #"shelf.label<shelf="east", text="accounts">"#)
    #expect(refused.status == 6, "\(refused)")
    #expect(refused.errors.contains("this needs a typed confirmation (the number of rows (1))"), "\(refused)")
    #expect(!FileManager.default.fileExists(atPath: place.appending(path: "east").path))
  }

  @Test func `its change holds the database that it is about`() async throws {
    // Somebody else: a process of its own, which has never heard of shelves.
    let other = Process()
    other.executableURL = URL(filePath: PseudoTerminal.product("opsh"))
    try plainSite()
    other.arguments = [
      "--site", "\(place.path)/plain.lua", "-e", #"lock.take<scope="database/books", reason="stocktaking">"#,
    ]
    other.environment = ["XDG_STATE_HOME": place.path, "HOME": place.path]
    other.standardOutput = FileHandle.nullDevice
    try other.run()
    other.waitUntilExit()
    #expect(other.terminationStatus == 0)
    try site()
    let refused = try await opsh("--yes", "-e", #"shelf.label<shelf="east", text="accounts">"#)
    #expect(refused.status == 6, "\(refused)")
    #expect(refused.errors.contains("stocktaking"), "\(refused)")
    #expect(!FileManager.default.fileExists(atPath: place.appending(path: "east").path))
  }

  @Test func `its kind of lock can be taken`() async throws {
    let taken = try await opsh("-e", #"print(lock.take<scope="shelf/east", reason="stocktaking">[1].scope)"#)
    #expect(taken.output.contains("shelf/east"), "\(taken)")
  }

  @Test func `a kind of lock that no domain has is named`() async throws {
    let refused = try await opsh("-e", #"lock.take<scope="shelff/east", reason="stocktaking">"#)
    #expect(refused.errors.contains("'shelff/east' cannot be locked"), "\(refused)")
    #expect(refused.errors.contains("did you mean 'shelf'?"), "\(refused)")
  }

  @Test(arguments: [("forbidden", "refuses to label"), ("murky", "cannot tell whether to label")])
  func `its guard refuses, and what it cannot tell is a refusal`(_ word: String, _ words: String) async throws {
    let refused = try await opsh("--yes", "-e", "shelf.label<shelf=\"east\", text=\"\(word)\">")
    #expect(refused.status != 0)
    #expect(refused.errors.contains("shelves \(words) east"), "\(refused)")
    #expect(!FileManager.default.fileExists(atPath: place.appending(path: "east").path))
  }

  /// What the plan of a runbook says that makes this call.
  private func plan(_ call: String) async throws -> String {
    let book = """
      return {
        version = "1.0.0", effects = { "changes" },
        run = function(job) job:step("it", function() \(call) end) end,
      }
      """
    try book.write(to: place.appending(path: "book.lua"), atomically: true, encoding: .utf8)
    let result = try await opsh("--dry-run", "\(place.path)/book.lua")
    return result.output + result.errors
  }

  @Test func `its guard and its line are part of the plan of a runbook`() async throws {
    let plan = try await plan(#"shelf.label{ shelf = "east", text = "forbidden" }"#)
    #expect(plan.contains("shelves refuses to label east"), "\(plan)")
    #expect(plan.contains("1 labels"), "\(plan)")
  }

  /// Runs a runbook of that name for real.
  private func run(_ name: String, _ body: String, _ options: String...) async throws -> Result {
    let book = """
      return {
        version = "1.0.0", effects = { "changes" },
        run = function(job) \(body) end,
      }
      """
    try book.write(to: place.appending(path: "\(name).lua"), atomically: true, encoding: .utf8)
    let words = ["opsh", "--site", "\(place.path)/site.lua", "--yes"] + options + ["\(place.path)/\(name).lua"]
    return try await program(words)
  }

  private static let labels = #"job:step("it", function() shelf.label{ shelf = "east", text = "dry" } end)"#

  @Test(arguments: [("flood", "refuses to start 'flood'"), ("fog", "cannot tell whether 'fog' may start")])
  func `its gate is asked before a runbook begins`(_ name: String, _ words: String) async throws {
    let refused = try await run(name, Self.labels)
    #expect(refused.status == 6, "\(refused)")
    #expect(refused.errors.contains("a gate \(words): shelves: "), "\(refused)")
    #expect(!FileManager.default.fileExists(atPath: place.appending(path: "east").path))
    let plan = try await run(name, Self.labels, "--dry-run")
    #expect((plan.output + plan.errors).contains("a gate \(words)"), "\(plan)")
    #expect(try await run("sunshine", Self.labels).status == 0)
  }

  @Test func `a plan that was made while its gate refused promises the same`() async throws {
    let file = place.appending(path: "plan.json").path
    let planned = try await run("flood", Self.labels, "--dry-run", "--plan-out", file)
    #expect((planned.output + planned.errors).contains("Gate"), "\(planned)")
    // It is the gate that refuses now, not the plan that would be another.
    let applied = try await run("flood", Self.labels, "--apply", file)
    #expect(applied.status == 6, "\(applied)")
    #expect(applied.errors.contains("refuses to start 'flood'"), "\(applied)")
  }

  @Test func `its gate is asked between the waves of a rollout`() async throws {
    let each = """
      job:each({ "wet1", "wet2", "wet3" }, { name = "it", window = 1, gate_every = 1 }, function(item) return item end)
      """
    let halted = try await run("rain", each)
    #expect(halted.status == 2, "\(halted)")
    #expect((halted.output + halted.errors).contains("shelves: the papers are wet"), "\(halted)")
    let fine = try await run("sun", each.replacing("wet", with: "dry"))
    #expect(fine.status == 0, "\(fine)")
  }

  @Test func `its service is recorded and replayed like every other`() async throws {
    let recording = place.appending(path: "recording").path
    let book = "return { version = \"1.0.0\", effects = { \"changes\" }, run = function(job) \(Self.labels) end }"
    try book.write(to: place.appending(path: "book.lua"), atomically: true, encoding: .utf8)
    let recorded = try await opsh("--dry-run", "--record", recording, "\(place.path)/book.lua")
    #expect(recorded.status == 0, "\(recorded)")
    #expect(FileManager.default.fileExists(atPath: "\(recording)/cabinets"), "\(recorded)")
    let replayed = try await opsh("--dry-run", "--replay", recording, "\(place.path)/book.lua")
    #expect(replayed.status == 0, "\(replayed)")
    #expect(!FileManager.default.fileExists(atPath: place.appending(path: "east").path))
  }

  @Test func `its checks are listed and judge a number`() async throws {
    let known = try await composition().domains.checks.map(\.declaration)
    let check = try #require(known.first { $0.name == "shelves.dust" })
    #expect([0, 6.9, 7, 29, 30].map { check.level(of: $0) } == [.ok, .ok, .warn, .warn, .bad])
    #expect([nil, .nan].map { check.level(of: $0) } == [.unknown, .unknown])
    #expect(check.level(of: 0, age: .seconds(61)) == .unknown)
  }

  /// A plugin beside the site.
  private func plugin(
    _ system: String,
    type: String = "shelf",
    provides: String = "",
    code: String = "return {}"
  ) throws {
    let folder = place.appending(path: "plugins/papers")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let manifest = """
      return { id = "papers", version = "1.0.0", api = 2, summary = "Papers",
        config = { { "where", type = "\(type)", default = "east", help = "Which shelf" } }, provides = { \(provides) } }
      """
    for (name, text) in [("plugin.lua", manifest), ("init.lua", code), ("system.lua", system)] {
      try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
    }
  }

  @Test func `a plugin's system is read by it`() async throws {
    try plugin("return {\n  shelves = \"bot[1-2]\",\n}\n")
    let composition = try await composition()
    #expect(composition.surroundings.systems["papers"]?[SystemShelves.self].bots.folded == "bot[1-2]")
  }

  @Test func `a plugin answers its hook`() async throws {
    let code = "return { hooks = { labelled = function(shelf, config) return shelf .. ' of ' .. config.where end } }"
    try plugin("return {}", provides: "hooks = { \"labelled\" }", code: code)
    let done = try await opsh("--yes", "-e", #"shelf.label<shelf="east", text="accounts">;"#)
    #expect(done.status == 0 && (done.output + done.errors).contains("east of east"), "\(done)")
  }

  @Test(arguments: [
    ("return {\n  shelvs = \"bot1\",\n}", "system.lua:2: shelvs: expected a known key", "did you mean 'shelves'?"),
    ("return {\n  shelves = 7,\n}", "system.lua:2: shelves: expected a set of bots, got 7", nil),
    ("while true do end", "instructions", nil), ("fleet.hosts()", "fleet", nil), ("return 7", "expected a table", nil),
  ])
  func `what is wrong with a system is named with its line`(_ text: String, _ words: String, _ hint: String?)
    async throws
  {
    try plugin(text)
    let loaded = try #require(try await composition().surroundings.plugins.first { $0.id == "papers" })
    #expect(loaded.problem?.message.contains(words) == true, "\(String(describing: loaded.problem))")
    if let hint { #expect(loaded.problem?.hint == hint) }
    #expect(loaded.system == nil)
  }

  @Test func `its type of a setting is known, and another is a load error`() async throws {
    try plugin("return {}")
    #expect(try await composition().surroundings.plugins.first { $0.id == "papers" }?.problem == nil)
    try plugin("return {}", type: "shelv")
    let loaded = try await composition().surroundings.plugins.first { $0.id == "papers" }
    let words = "config[1].type: expected the type of the setting, got \"shelv\""
    #expect(loaded?.problem?.message.contains(words) == true)
    #expect(loaded?.problem?.hint == "did you mean 'shelf'?")
  }

  @Test func `its filter has a say before a bot starts`() async throws {
    let plan = try await plan(#"fleet.start{ on = "bot[1-2]" }"#)
    #expect(plan.contains("shelves refuses to start bot2: its papers are out"), "\(plan)")
    #expect(!plan.contains("start bot1:"), "\(plan)")
  }

  @Test func `its column is in fleet status, in help and in the catalog`() async throws {
    let status = try await opsh("-e", #"for _, b in ipairs(fleet.status()) do print(b.bot, b.shelf) end"#)
    #expect(status.output.contains("bot1\teast\n"), "\(status)")
    #expect(status.output.contains("bot2\t\n"), "\(status)")
    #expect(try await opsh("-e", "help(fleet.status)").output.contains("Where its papers are"))
    #expect(try await opsh("--catalog").output.contains("Where its papers are"))
  }

  @Test func `its key of the site is read, and a misspelling of it is named`() async throws {
    try site("shelvs")
    let wrong = try await opsh("-e", "1")
    #expect(wrong.status == 65, "\(wrong)")
    #expect(wrong.errors.contains("did you mean 'shelves'?"), "\(wrong)")
  }

  @Test func `completion offers its names, and the greeting has its line`() async throws {
    let composition = try await composition()
    let (domains, surroundings) = (composition.domains, composition.surroundings)
    #expect(domains.candidates(for: .named("shelves"), startingWith: "e", in: surroundings) == ["east"])
    #expect(OfferedRunbooks(composition).candidates(for: .named("shelves"), startingWith: "") == ["east"])
    #expect(await domains.banner(in: surroundings) == ["1 shelves"])
  }

  @Test func `its part of a system is read, and a misspelling of it is named`() async throws {
    let composition = try await composition()
    let site = try #require(composition.surroundings.site)
    let sections = try composition.domains.system(.table(["shelves": .string("bot[1-2]")]), in: site)
    #expect(sections[SystemShelves.self].bots.folded == "bot[1-2]")
    let error = #expect(throws: DataError.self) {
      try composition.domains.system(.table(["shelvs": .string("bot1")]), in: site)
    }
    #expect(error?.hint == "did you mean 'shelves'?")
  }

  @Test func `its command is run, and explained`() async throws {
    #expect(try await opsh("shelve").output.contains("east"))
    #expect(try await opsh("--help").output.contains("opsh shelve"))
    let help = try await opsh("shelve", "--help")
    #expect(help.output.contains("opsh shelve [SHELF]"), "\(help)")
    #expect(try await opsh("shelve", "a", "b").status == 64)
    #expect(try await opsh("shelve", "--from", "x").status == 64)
  }

  @Test func `two domains cannot add the same thing`() {
    #expect(throws: CallFailure.self) { try DomainSet([.shelves, .shelves]) }
  }

  private func composition() async throws -> Composition {
    let setting = SessionSetting(
      sitePath: "\(place.path)/site.lua",
      options: SessionOptions(),
      dialogue: PlainDialogue(output: FileOutput(-1), progress: FileOutput(-1), isQuiet: true, notes: NotedExit()),
      interruptions: Interruptions(),
      environment: ["XDG_STATE_HOME": place.path, "HOME": place.path]
    )
    return try await Composition.make(setting, Opsh.domains + [.shelves])
  }

  @Test func `its command is listed, helped, checked and run`() async throws {
    let help = try await opsh("shelve", "--help")
    #expect(help.output.hasPrefix("opsh shelve [SHELF]\nLists the shelves.\n"), "\(help)")
    let done = try await opsh("shelve", "east")
    #expect(done.status == 0 && done.output.contains("east"), "\(done)")
    let wrong = try await opsh("shelve", "--fix")
    #expect(wrong.status == 64 && wrong.errors.contains("shelve has no option '--fix'"), "\(wrong)")
    #expect(try await opsh("--help").output.contains("opsh shelve"))
  }

  @Test func `an option means one thing in every command`() throws {
    var domain = Domain("other")
    domain.commands = [
      Subcommand("other", "does", CommandArgument<Bool>.flag("grace", "x"), exits: [], examples: []) { _, _ in [] }
    ]
    let failure = #expect(throws: CallFailure.self) { try DomainSet(Opsh.domains + [domain]) }
    #expect(failure?.code == "domain.duplicate")
    #expect(failure?.message.contains("--grace") == true)
  }
}
