import Foundation
import Foundations
import PluginAuthoring
import PrimitiveKit
import RunbookLint
import Specs
import Testing

/// A new plugin passes its own review, and each mistake in it is told with file and line.
struct AuthoringTests {
  typealias Kind = PluginSkeleton.Kind

  private let folder: SpecFolder

  init() throws { folder = try SpecFolder() }

  private func write(_ kind: Kind) throws {
    let today = CalendarDate(Date())
    let skeleton = try PluginSkeleton(kind, id: "desk", taken: ["fleet"], today: today)
    try skeleton.write(to: "\(folder.path)/desk", isDry: false)
  }

  private func review() async throws -> PluginReport {
    let review = PluginReview(try OwnSpecs.setting(), today: CalendarDate(Date())) { path in
      let shell = Process()
      let pipe = Pipe()
      (shell.executableURL, shell.arguments, shell.standardError) = (URL(filePath: "/bin/sh"), ["-n", path], pipe)
      try? shell.run()
      let said = pipe.fileHandleForReading.readDataToEndOfFile()
      shell.waitUntilExit()
      return String(decoding: said, as: UTF8.self)
    }
    return try await review.review("\(folder.path)/desk")
  }

  @Test(arguments: Kind.allCases)
  func `a new plugin of each kind has no mistake, and its specs pass`(kind: Kind) async throws {
    try write(kind)
    let report = try await review()
    #expect(report.exitCode == .ok && report.lint.findings.isEmpty, "\(report.text)")
    #expect(report.specs.count == 2 && report.specs.allSatisfy { $0.outcomes.count > 1 }, "\(report.text)")
    let check = kind == .system ? "check SYSTEM.disk" : "check desk.disk"
    for provided in ["primitive desk.room", check, "runbook desk/note"] {
      #expect(report.text.contains(provided), "\(report.text)")
    }
    let own =
      switch kind {
      case .plain: "desk/note"
      case .system: "primitive desk.traders"
      case .runtime: "runtime desk"
      case .notifier: "notifier log"
      }
    #expect(report.text.contains(own), "\(report.text)")
  }

  struct Mistake: Sendable, CustomTestStringConvertible {
    var kind = Kind.plain
    let file: String
    let right: String
    let wrong: String
    /// The line it is told at, and words of the message or hint.
    let line: Int
    let words: String
    var code = ExitCode.dataInvalid

    var testDescription: String { "\(file): \(wrong)" }

    init(
      _ file: String,
      _ right: String,
      _ wrong: String,
      _ line: Int,
      _ words: String,
      _ kind: Kind = .plain,
      code: ExitCode = .dataInvalid
    ) {
      (self.file, self.right, self.wrong, self.line, self.words) = (file, right, wrong, line, words)
      (self.kind, self.code) = (kind, code)
    }
  }

  static let mistakes = [
    Mistake("plugin.lua", "api = 2", "api = 9", 3, "expected 2 or 1, got 9"),
    Mistake("plugin.lua", "summary = \"Says", "sumary = \"Says", 4, "did you mean 'summary'"),
    Mistake("plugin.lua", "effect = \"reads\"", "effect = \"read\"", 12, "did you mean 'reads'"),
    Mistake("plugin.lua", "\"hosts:change\"", "\"hosts:chnge\"", 5, "did you mean 'hosts:change'"),
    Mistake("plugin.lua", "below = 256", "below = 2048", 19, "thresholds that judge every number once"),
    Mistake("plugin.lua", "\"note\"", "\"nota\"", 24, "runbooks/nota.lua, which does not exist"),
    Mistake("plugin.lua", "config = {", "config = \"x\", confg = {", 6, "did you mean 'config'"),
    Mistake("plugin.lua", "return {", "return { print(1),", 2, "calls nothing"),
    Mistake("plugin.lua", "desk.room{}", "desk.room{ off = 3 }", 15, "the example `desk.room{ off = 3 }`: "),
    Mistake("plugin.lua", "desk.room{}", "desk.rom{}", 15, "expected code that calls desk.room"),
    Mistake("plugin.lua", "desk.room{}", "desk.room{", 15, "expected Lua code"),
    Mistake("init.lua", "room = function(args", "rom = function(args", 14, "promises no primitive 'rom'"),
    Mistake("init.lua", "disk = function", "disc = function", 18, "promises no check 'disc'"),
    Mistake("init.lua", "fleet.query", "fleet.qurey", 5, "did you mean 'fleet.query'"),
    Mistake("init.lua", "on = on, cmd", "host = on, cmd", 5, "fleet.query has no argument 'host'"),
    Mistake("init.lua", "local rows = {}", "rows = {}", 4, "'rows' is assigned but not local"),
    Mistake("init.lua", "local rows = {}", "local rows = {}}", 4, "}"),
    Mistake("init.lua", "local function room", "fleet.hosts()\nlocal function room", 3, "it calls 'fleet.hosts'"),
    Mistake("init.lua", "local rows = {}", "local rows = file.lines '/x'", 4, "without the capability 'files'"),
    Mistake("runbooks/note.lua", "effects = { \"changes\" },", "", 18, "effect 'changes'"),
    Mistake("runbooks/note.lua", "version = \"0.1.0\",", "", 2, "version"),
    Mistake("runbooks/note.lua", "args.text, 1", "args.txt, 1", 28, "txt"),
    Mistake("init_spec.lua", "call = {", "cal = {", 19, "did you mean 'call'"),
    Mistake("init_spec.lua", "mib = 4", "mib = 5", 17, "result: expected", code: .failuresWithinBudget),
    Mistake("runbooks/note_spec.lua", "hosts = 1", "hosts = 2", 10, "expected 2, got 1", code: .failuresWithinBudget),
    Mistake(
      "init.lua",
      "roles.trader",
      "roles.trder",
      18,
      "did you mean 'trader'",
      .system,
      code: .failuresWithinBudget
    ),
    Mistake("system.lua", "needs = { \"feed\" }", "needs = { \"fed\" }", 5, "did you mean 'feed'", .system),
    Mistake("system.lua", "role = \"data\"", "rle = \"data\"", 4, "did you mean 'role'", .system),
    Mistake("init_spec.lua", "prefix = \"paper-\"", "prefx = \"paper-\"", 44, "did you mean 'prefix'", .system),
    Mistake("init.lua", "driver_list", "driver_lst", 35, "\"driver_list\"", .runtime),
    Mistake("driver.sh", "driver_list() {", "driver_liste() {", 35, "does not define", .runtime),
    Mistake("driver.sh", "  IMAGES=\n", "  IMAGES=(\n", 13, "yntax error", .runtime),
    Mistake("init.lua", "log = function(event)", "lgo = function(event)", 30, "promises no notifier 'lgo'", .notifier),
    Mistake("plugin.lua", ", \"programs\"", "", 34, "without the capability 'programs'", .notifier),
  ]

  @Test(arguments: mistakes)
  func `a mistake in a new plugin is told with file and line`(mistake: Mistake) async throws {
    try write(mistake.kind)
    let path = "\(folder.path)/desk/\(mistake.file)"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.contains(mistake.right))
    let start = try #require(text.range(of: mistake.right))
    try folder.write("desk/\(mistake.file)", text.replacingCharacters(in: start, with: mistake.wrong))
    let report = try await review()
    #expect(report.exitCode == mistake.code, "\(report.text)")
    #expect(report.text.contains(mistake.words), "\(report.text)")
    // What a file of the host script lacks is told where init.lua names it, and a call where it is made.
    #expect(report.text.contains("lua:\(mistake.line)") || report.text.contains("sh:\(mistake.line)"), "\(report.text)")
  }

  @Test func `bytes that are no text are told`() async throws {
    try write(.plain)
    try Data([0x2D, 0x2D, 0x0A, 0xFF, 0x0A]).write(to: URL(fileURLWithPath: "\(folder.path)/desk/init.lua"))
    let text = try await review().text
    #expect(text.contains("desk/init.lua:2: not UTF-8 text"), "\(text)")
  }

  @Test func `a plugin without specs says so, and a folder without a plugin is refused`() async throws {
    try write(.plain)
    for spec in ["init_spec.lua", "runbooks/note_spec.lua"] {
      try FileManager.default.removeItem(atPath: "\(folder.path)/desk/\(spec)")
    }
    let report = try await review()
    #expect(report.exitCode == .ok && report.text.contains("has no specs"), "\(report.text)")
    try FileManager.default.removeItem(atPath: "\(folder.path)/desk/plugin.lua")
    await #expect(throws: CallFailure.self) { try await review() }
  }

  @Test(arguments: ["", "a-b", "1st", "end", "fleet", "a.b", "../x", String(repeating: "x", count: 41)])
  func `an id that no plugin can have is refused`(id: String) {
    #expect(throws: CallFailure.self) {
      try PluginSkeleton(.plain, id: id, taken: ["fleet"], today: CalendarDate(Date()))
    }
  }

  @Test func `a folder that exists is left alone, and a dry run writes nothing`() throws {
    let skeleton = try PluginSkeleton(.plain, id: "desk", taken: [], today: CalendarDate(Date()))
    try skeleton.write(to: "\(folder.path)/desk", isDry: true)
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/desk"))
    try folder.write("desk/mine.txt", "x")
    let failure = #expect(throws: CallFailure.self) { try skeleton.write(to: "\(folder.path)/desk", isDry: false) }
    #expect(failure?.code == "plugin.exists")
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/desk") == ["mine.txt"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["desk"])
  }
}
