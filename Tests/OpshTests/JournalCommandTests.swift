import Foundation
import PostgresTesting
import PseudoTerminal
import Testing

/// `opsh journal` and `opsh audit verify --head` as an operator calls them.
struct JournalCommandTests {
  private func place(_ extra: String = "") throws -> Scratch {
    let place = try Scratch()
    let hosts = "hosts = { { name = 'me', transport = 'local' } }"
    let site = "return { name = 'here', journal = '\(place.path)/journal', \(hosts)\(extra) }"
    try place.file("site.lua", site)
    return place
  }

  private func opsh(_ words: String..., in place: Scratch, input: String = "") throws -> OpshRun {
    let environment = ["HOME": place.path, "PATH": "/usr/bin:/bin"]
    return try OpshRun(words.confirmed, input: input, environment: environment, directory: place)
  }

  private func put(_ content: String, in place: Scratch) throws {
    let run = try opsh("-e", "fleet.put { on = 'me', path = 'note', content = '\(content)' }", in: place)
    #expect(run.status == 0, "\(run)")
  }

  @Test func `a journal is shown, backed up, checked, pruned, restored and moved`() throws {
    let place = try place()
    let none = try opsh("journal", in: place)
    #expect(none.status != 0 && none.errors.contains("no journal at \(place.path)/journal"), "\(none)")
    #expect(!FileManager.default.fileExists(atPath: place.path + "/journal"))
    try put("one", in: place)
    let shown = try opsh("journal", in: place)
    #expect(shown.status == 0 && shown.output.contains("never"), "\(shown)")
    let backup = try opsh("journal", "backup", "kept", in: place)
    #expect(backup.status == 0, "\(backup)")
    #expect(try opsh("journal", in: place).output.contains("never") == false)
    let checked = try opsh("journal", "check", in: place)
    #expect(checked.status == 0, "\(checked)")
    let recent = try opsh("journal", "prune", "--before", "1d", in: place)
    #expect(recent.status != 0 && recent.errors.contains("runs from the last seven days cannot be pruned"), "\(recent)")
    // What the real one is refused, the dry one is, too.
    let dryRecent = try opsh("--dry-run", "journal", "prune", "--before", "0h", in: place)
    #expect(dryRecent.status == recent.status && dryRecent.errors.contains("seven days"), "\(dryRecent)")
    let forcing = ["--force", "--reason", "practice"]
    let dry = try opsh("--dry-run", "journal", "prune", "--before", "0h", forcing[0], forcing[1], forcing[2], in: place)
    #expect(dry.status == 0 && dry.output.contains("would remove 1 run that ended before"), "\(dry)")
    try put("two", in: place)
    let refused = try opsh("journal", "restore", "kept", in: place)
    #expect(refused.status != 0 && refused.errors.contains("it is newer: "), "\(refused)")
    let unreasoned = try opsh("journal", "restore", "kept", "--force", in: place)
    #expect(unreasoned.status == 64 && unreasoned.errors.contains("--force needs --reason"), "\(unreasoned)")
    let forced = try opsh("journal", "restore", "kept", "--force", "--reason", "practice", in: place)
    #expect(forced.status == 0 && forced.output.contains("lost, because not in the backup: "), "\(forced)")
    // One number of records, whoever tells it.
    let counts = try [
      opsh("--json", "journal", "restore", "kept", "--force", "--reason", "once more", in: place),
      opsh("--json", "journal", "check", in: place),
      opsh("--json", "audit", "verify", in: place), opsh("--json", "journal", in: place),
    ].map { $0.output.firstMatch(of: #/"records": ?([0-9]+)/#).map { String($0.1) } }
    #expect(counts[0] != nil && Set(counts).count == 1, "\(counts)")
    #expect(try opsh("-e", "print(#runs())", in: place).output == "1\n")
    let moved = try opsh("journal", "move", "elsewhere", in: place)
    #expect(moved.status == 0, "\(moved)")
    let after = try opsh("-e", "fleet.put { on = 'me', path = 'note', content = 'x' }", in: place)
    #expect(after.status != 0 && after.errors.contains("was moved to "), "\(after)")
  }

  @Test(arguments: [
    (["journal", "bakup"], "did you mean 'backup'?"),
    (["journal", "backup"], "journal backup needs the file to write"),
    (["journal", "check", "x"], "unexpected argument 'x'"),
    (["journal", "move", "a", "b"], "unexpected argument 'b'"),
    (["--dry-run", "journal", "backup", "x"], "journal backup has no dry run"),
    (["journal", "prune", "--before", "yesterday"], "--before takes a date or an age"),
    (["runs", "--before", "1d"], "runs has no option '--before'"),
  ])
  func `a wrong call is one sentence with a hint and exit code 64`(words: [String], said: String) throws {
    let place = try place()
    let run = try OpshRun(words, environment: ["HOME": place.path, "PATH": "/usr/bin:/bin"], directory: place)
    #expect(run.status == 64 && run.errors.contains(said) && run.errors.contains("hint: "), "\(words) \(run)")
  }

  @Test(arguments: ["backup", "move"])
  func `a directory that is not there is refused and not made`(command: String) throws {
    let place = try place()
    try put("one", in: place)
    for path in ["\(place.path)/gone/deep/x", "gone/x"] {
      let run = try opsh("journal", command, path, in: place)
      #expect(run.status == 65 && run.errors.contains("no such directory: "), "\(run)")
      #expect(run.errors.contains("create the directory first"), "\(run)")
    }
    #expect(!FileManager.default.fileExists(atPath: "\(place.path)/gone"))
    #expect(try opsh("journal", "check", in: place).status == 0)
  }

  @Test func `an open prompt keeps its journal from being overwritten`() async throws {
    let place = try place()
    try put("one", in: place)
    #expect(try opsh("journal", "backup", "kept", in: place).status == 0)
    let terminal = try PseudoTerminal.spawn(
      PseudoTerminal.product("opsh"),
      arguments: ["--site", "\(place.path)/site.lua"],
      environment: PseudoTerminal.environment(["HOME": place.path, "XDG_STATE_HOME": place.path])
    )
    try await terminal.expect("> ")
    try terminal.send("#runs()\r")
    try await terminal.expect("\n1\n")
    for words in [["journal", "restore", "kept"], ["journal", "move", "elsewhere"]] {
      let refused = try opsh(words[0], words[1], words[2], in: place)
      #expect(refused.status == 6 && refused.errors.contains("has it open"), "\(refused)")
    }
    try terminal.send("\u{4}")
    _ = try await terminal.exit()
    let free = try opsh("journal", "restore", "kept", in: place)
    #expect(free.status == 0, "\(free)")
  }

  @Test func `a dry run of the audit leaves no mark`() throws {
    let place = try place()
    try put("one", in: place)
    let sql = Process()
    sql.executableURL = URL(filePath: "/usr/bin/env")
    sql.arguments = ["sqlite3", "\(place.path)/journal", "UPDATE runs SET name = 'other'"]
    try sql.run()
    sql.waitUntilExit()
    try #require(sql.terminationStatus == 0)
    let dry = try opsh("--dry-run", "audit", "verify", in: place)
    #expect(dry.status == 65, "\(dry)")
    let change = try opsh("-e", "fleet.put { on = 'me', path = 'note', content = 'two' }", in: place)
    #expect(change.status == 0, "\(change)")
    #expect(try opsh("audit", "verify", in: place).status == 65)
    let refused = try opsh("-e", "fleet.put { on = 'me', path = 'note', content = 'three' }", in: place)
    #expect(refused.status == 6 && refused.errors.contains("journal restore"), "\(refused)")
  }

  @Test func `a text that is no backup is said to be none`() throws {
    let place = try place()
    let run = try opsh("journal", "restore", "site.lua", in: place)
    #expect(run.status == 65 && run.errors.contains("site.lua is not a journal backup"), "\(run)")
  }

  @Test func `a full disk ends a backup in one sentence, and leaves nothing behind`() throws {
    let place = try place()
    try put("one", in: place)
    let run = try opsh("journal", "backup", "/dev/full/x", in: place)
    #expect(run.status != 0 && run.errors.contains("/dev/full/x"), "\(run)")
    #expect(run.errors.split(separator: "\n").count <= 2, "\(run)")
  }

  @Test func `a journal of a newer opsh is refused in one sentence, and can still be read`() throws {
    let place = try place()
    try put("one", in: place)
    let sql = Process()
    sql.executableURL = URL(filePath: "/usr/bin/env")
    sql.arguments = ["sqlite3", "\(place.path)/journal", "UPDATE meta SET value = '99' WHERE name = 'schema'"]
    try sql.run()
    sql.waitUntilExit()
    try #require(sql.terminationStatus == 0)
    let refused = try opsh("-e", "fleet.put { on = 'me', path = 'note', content = 'x' }", in: place)
    #expect(
      refused.status != 0 && refused.errors.contains("has schema 99; this opsh writes only schema"),
      "\(refused)"
    )
    #expect(try opsh("-e", "print(#runs())", in: place).output.hasSuffix("1\n"))
  }

  @Test func `host scripts of two versions lie beside each other`() throws {
    let place = try place()
    try put("one", in: place)
    // A file is placed by a script that is sent along; a command is kept by the one that is installed.
    #expect(try opsh("-e", "fleet.exec { on = 'me', cmd = 'true' }", in: place).status == 0)
    let folder = "\(place.path)/.opsh/bin"
    let files = FileManager.default
    let own = try files.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("host-") }
    try #require(own.count == 1)
    // Another version: other bytes under their own hash, as its opsh installs them.
    let text = try String(contentsOfFile: "\(folder)/\(own[0])", encoding: .utf8)
    let other = "host-\(String(repeating: "0", count: 64)).sh"
    try Data((text + "\n# another version\n").utf8).write(to: URL(filePath: "\(folder)/\(other)"))
    #expect(try opsh("-e", "fleet.exec { on = 'me', cmd = 'true' }", in: place).status == 0)
    try put("two", in: place)
    #expect(Set(try files.contentsOfDirectory(atPath: folder)).isSuperset(of: [own[0], other]))
    #expect(try String(contentsOfFile: "\(folder)/\(own[0])", encoding: .utf8) == text)
    #expect(try String(contentsOfFile: "\(folder)/\(other)", encoding: .utf8).hasSuffix("# another version\n"))
    #expect(try String(contentsOfFile: "\(place.path)/note", encoding: .utf8) == "two")
  }

  @Test func `heads go to the site's sink, and a rewritten journal is found out by them`() throws {
    let place = try place(", audit = { sink = { 'sh', '-c', 'cat >> heads' } }")
    try put("one", in: place)
    try put("two", in: place)
    let heads = try String(contentsOfFile: "\(place.path)/heads", encoding: .utf8)
    #expect(heads.split(separator: "\n").count == 2, "\(heads)")
    let whole = try opsh("audit", "verify", "--head", "heads", in: place)
    #expect(whole.status == 0, "\(whole)")
    let changed = heads.replacing(#""hash":""#, with: #""hash":"0"#)
    let found = try opsh("audit", "verify", "--head", "-", in: place, input: changed)
    #expect(
      found.status == 65 && found.output.contains("differs: see line 1 of standard input"),
      "\(found)"
    )
  }

  @Test func `a sink that fails is said and stops no run`() throws {
    let place = try place(", audit = { sink = { '/nowhere/logger' } }")
    let run = try opsh("-e", "fleet.put { on = 'me', path = 'note', content = 'x' }", in: place)
    #expect(run.status == 0 && (run.output + run.errors).contains("audit: the head was not stored"), "\(run)")
  }

  @Test func `a site may change where its journal is, and move it there and back, without a false alarm`() async throws
  {
    let place = try place()
    func use(_ journal: String) throws {
      let setting = journal.isEmpty ? "" : "journal = '\(journal)', "
      let hosts = "hosts = { { name = 'me', transport = 'local' } }"
      try place.file("site.lua", "return { name = 'here', \(setting)\(hosts) }")
    }
    try place.file("note.lua", "return { version = '1.0.0', run = function(job) job:step('note', function() end) end }")
    func expectWhole(_ step: String) throws {
      for words in [["note.lua"], ["audit", "verify"], ["note.lua"]] {
        let run = try OpshRun(
          words.confirmed,
          environment: ["HOME": place.path, "PATH": "/usr/bin:/bin"],
          directory: place
        )
        #expect(run.status == 0, "\(step): \(words) \(run)")
      }
    }
    // The journal of the site's name, then a server in its stead: two journals, each with anchors of its own.
    try use("")
    try expectWhole("file")
    let shared = try await PostgresServer.shared().newSchema()
    try use(shared)
    try expectWhole("server")
    try use("")
    try expectWhole("file once more")
    // Moved to a server and back, it is the same journal all the way.
    let target = try await PostgresServer.shared().newSchema()
    let there = try opsh("journal", "move", target, in: place)
    #expect(there.status == 0, "\(there)")
    try use(target)
    try expectWhole("moved to a server")
    #expect(try opsh("-e", "print(#runs{ limit = 50 })", in: place).output == "6\n")
    let back = try opsh("journal", "move", "\(place.path)/back", in: place)
    #expect(back.status == 0, "\(back)")
    try use("\(place.path)/back")
    try expectWhole("moved back")
    #expect(try opsh("journal", "check", in: place).status == 0)
    #expect(try opsh("-e", "print(#runs{ limit = 50 })", in: place).output == "8\n")
  }
}
