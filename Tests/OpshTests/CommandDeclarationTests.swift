import Foundation
import PrimitiveKit
import PseudoTerminal
import Reference
import Testing

@testable import opsh

/// What is made of the declarations of commands: examples, the page, completion, refusals.
struct CommandDeclarationTests {
  private static let infos = Opsh.domains.flatMap(\.commands).map(\.info)
  private static let examples = infos.flatMap { info in info.examples.map { (info.name, $0.code) } }

  private static let site = """
    return { name = "here", hosts = {
      { name = "me", transport = "local", bots = "bot1", groups = { "production" } } } }
    """
  private static let note = """
    return { version = "1.0.0", effects = { "changes" }, params = { { "text", type = "string", default = "x" } },
      owner = "ops", summary = "Writes a note.",
      run = function(job, args)
        job:step("write", function() fleet.put { on = "me", path = "note", content = args.text } end)
      end }
    """

  private static let spec = """
    return { { name = "writes", answers = { ["fleet.put"] = {} }, state = "ok" } }
    """

  @Test(arguments: examples)
  func `an example is understood, and ends in one of the ways that are declared`(name: String, code: String) throws {
    let place = try Scratch()
    try place.file("site.lua", Self.site)
    try place.file("note.lua", Self.note)
    try place.file("note_spec.lua", Self.spec)
    try FileManager.default.createDirectory(atPath: "\(place.path)/bin", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: "\(place.path)/bin/opsh",
      withDestinationPath: PseudoTerminal.product("opsh")
    )
    let script = """
      mkdir .ssh && ssh-keygen -q -t ed25519 -N '' -f .ssh/id_ed25519 || exit 99
      opsh --yes note.lua >/dev/null && opsh journal backup kept.journal >/dev/null || exit 99
      \(code)
      """
    let environment = ["HOME": place.path, "PATH": "\(place.path)/bin:/usr/bin:/bin"]
    let run = try ShellRun(script, environment: environment, directory: place)
    #expect(![64, 70, 99, 127].contains(run.status), "\(code) \(run)")
    let info = try #require(Self.infos.first { $0.name == name })
    let codes = info.exits.compactMap { Int32($0.text.prefix { $0.isNumber }) }
    // A command that ends as a run does may end in any way; every other one says how.
    #expect(info.exits.contains { $0.text.hasPrefix("those of a run") } || codes.contains(run.status), "\(code) \(run)")
  }

  @Test func `every command has a summary, an example, and says how it ends`() {
    #expect(Self.infos.count >= 18)
    for info in Self.infos {
      #expect(!info.summary.isEmpty && !info.summary.hasSuffix("."), "\(info.name)")
      #expect(info.examples.allSatisfy { $0.code.hasPrefix("opsh \(info.name)") }, "\(info.name)")
      #expect(!info.examples.isEmpty && !info.exits.isEmpty, "\(info.name)")
    }
  }

  @Test func `every command refuses the options of scripts that it does not declare`() throws {
    for info in Self.infos {
      let command = try #require(Opsh.domains.flatMap(\.commands).first { $0.info.name == info.name })
      for option in SharedOption.allCases where !info.shared.contains(option) {
        let given = CommandWords(options: [option.rawValue: ["x"]])
        let failure = #expect(throws: CallFailure.self) { try command.bind(given, common: Options.common) }
        #expect(failure?.code == "usage.option", "\(info.name) --\(option.rawValue)")
        #expect(failure?.message.contains(option.rawValue.split(separator: "-")[0]) == true, "\(info.name)")
      }
      #expect(info.shared.isEmpty || info.insteadOfDryRun == nil || !info.shared.contains(.dryRun), "\(info.name)")
    }
  }

  @Test func `docs commands md is what the declarations say`() throws {
    let page = CommandPage.text(Self.infos, common: Options.common, running: Options.running) + "\n"
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/commands.md")
      .standardized
    if ProcessInfo.processInfo.environment["OPSH_RECORD"] == "1" { try Data(page.utf8).write(to: file) }
    let kept = try String(contentsOf: file, encoding: .utf8)
    #expect(kept == page, "rewrite docs/commands.md with OPSH_RECORD=1 when the change is meant")
  }

  @Test(arguments: [
    (["x.lua", "--fix"], "--fix does nothing with a script", "it is an option of `opsh lint`"),
    (["--head", "f", "x.lua"], "--head does nothing with a script", "it is an option of `opsh audit verify`"),
    (["-e", "1", "--junit", "x"], "--junit does nothing with -e", "opsh [options] FILE.lua"),
    (["-", "--plan-out", "x"], "--plan-out does nothing with a script from standard input", "opsh [options] FILE.lua"),
    (["--record", "x"], "--record does nothing at a prompt", "opsh [options] FILE.lua"),
    (["--catalog", "--grace", "1s"], "--grace does nothing with --catalog", "it is an option of `opsh stop`"),
    (["--version", "--dry-run"], "--dry-run does nothing with --version", "use it with a script"),
    (["--version", "--quiet"], "--quiet does nothing with --version", "leave it out"),
    (["--version", "x.lua"], "unexpected argument 'x.lua'", "usage: opsh --version"),
    (["--catalog", "--yes"], "--yes does nothing with --catalog", "use it with a script"),
    (["--catalog", "-e", "1"], "--execute does nothing with --catalog", "leave it out"),
    (["--apply", "p", "x.lua"], "--apply does nothing with x.lua, which is not a runbook", "`opsh lint x.lua`"),
    (["--plan-out", "p", "x.lua"], "--plan-out does nothing with x.lua", "`version` and `run`"),
    (["--on-failure", "skip", "x.lua", "x.lua"], "none of the 2 files is a runbook", "`opsh lint x.lua`"),
    (["runs", "--dry-run"], "runs has no dry run", "usage: opsh runs"),
    (["runs", "--yes"], "runs takes no --yes", "usage: opsh runs"),
    (["fidelity", "--reason", "x"], "fidelity takes no --reason", "usage: opsh fidelity"),
    (["lint", "x.lua", "--yes"], "lint takes no --yes", "usage: opsh lint"),
    (["journal", "--dry-run"], "journal has no dry run", "usage: opsh journal"),
    (["audit", "export", "--dry-run"], "audit export has no dry run", "usage: opsh audit export"),
    (["approve", "x", "--yes"], "approve takes no --yes", "an approval must come from a person"),
    (["completion", "bash", "--site", "x"], "completion reads no site, so --site does nothing", "usage: opsh compl"),
    (
      ["x.lua", "--on-failure", "rolback"], "--on-failure should be stop, rollback or skip", "did you mean 'rollback'?"
    ),
  ])
  func `an option that would do nothing is an error`(words: [String], said: String, hint: String) throws {
    let place = try Scratch()
    try place.file("x.lua", "print(1)")
    let run = try OpshRun(words, directory: place)
    #expect(run.status == 64 && run.output.isEmpty, "\(words) \(run)")
    #expect(run.errors.contains(said) && run.errors.contains(hint), "\(words) \(run)")
  }

  @Test(arguments: [
    (["lint", "a.lua", "--strict"], ["a.lua"], ["strict"]),
    (["lint", "--json", "--fix", "a", "b"], ["a", "b"], ["fix", "json"]),
    (["lint", "--", "--fix"], ["--fix"], []),
  ])
  func `options may stand anywhere, and after two dashes stand words`(
    words: [String],
    paths: [String],
    options: [String]
  ) throws {
    let given = try OptionReader.read(["opsh"] + words, Options.all + Self.infos.flatMap(\.options))
    #expect(given.words == ["lint"] + paths)
    #expect(given.options.keys.sorted() == options)
  }

  @Test(arguments: [
    (["opsh", "sto"], "stop"), (["opsh", "journal", "ba"], "backup"),
    (["opsh", "journal", "backup", "no"], "note.lua"),
    (["opsh", "audit", ""], "verify export accept"), (["opsh", "stop", "--mo"], "--mode"),
    (["opsh", "stop", "bot1", "--mode", "h"], "halt_all"), (["opsh", "--on-failure", "r"], "rollback"),
    (["opsh", "--site", "no"], "note.lua"), (["opsh", "--dry"], "--dry-run"),
    (["opsh", "resume", "x", "--wi"], "--with-new"),
    (["opsh", "runs", ""], ""), (["opsh", "completion", ""], "bash"), (["opsh", "lint", "--fix", "no"], "note.lua"),
  ])
  func `bash completes commands, options and their values`(words: [String], expected: String) throws {
    let place = try Scratch()
    try place.file("note.lua", "")
    let list = words.map { "'\($0)'" }.joined(separator: " ")
    let script = """
      opsh completion bash > complete.bash; source complete.bash
      COMP_WORDS=(\(list)); COMP_CWORD=\(words.count - 1); _opsh; echo "${COMPREPLY[*]}"
      """
    let opsh = URL(filePath: PseudoTerminal.product("opsh")).deletingLastPathComponent().path
    let run = try ShellRun(script, environment: ["PATH": "\(opsh):/usr/bin:/bin"], directory: place)
    #expect(run.output == expected + "\n" && run.errors.isEmpty, "\(words) \(run)")
  }

  @Test func `completion is printed although the site is broken`() throws {
    let place = try Scratch()
    try place.file("site.lua", "return {")
    let run = try OpshRun(["completion", "bash"], directory: place)
    #expect(run.status == 0 && run.errors.isEmpty && run.output.hasSuffix("complete -o filenames -F _opsh opsh\n"))
  }
}

/// Runs a shell script and waits for its end.
private struct ShellRun {
  let status: Int32
  let output: String
  let errors: String

  init(_ script: String, environment: [String: String], directory: Scratch) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", script]
    process.environment = environment
    process.currentDirectoryURL = URL(filePath: directory.path)
    let files = try ["out", "err"].map { try directory.file(".\($0)", "") }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    try process.run()
    process.waitUntilExit()
    status = process.terminationStatus
    output = try String(contentsOf: files[0], encoding: .utf8)
    errors = try String(contentsOf: files[1], encoding: .utf8)
  }
}
