import Foundation
import Journal
import JournalCare
import PrimitiveKit
import PseudoTerminal
import Subprocess
import Testing

/// Kills the care of a journal at every sync, before and after: what is left is the old state whole, or the new one.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct JournalCareCrashTests {
  /// A site of this machine alone, its journal, and a copy to begin from again.
  private final class Place: Sendable {
    let directory: String

    init() throws {
      directory = NSTemporaryDirectory() + "opsh-care-crash-\(UUID().uuidString.prefix(8))"
      try FileManager.default.createDirectory(atPath: directory + "/kept", withIntermediateDirectories: true)
      let hosts = #"hosts = { { name = "me", transport = "local" } }"#
      let site = #"return { name = "here", journal = "\#(directory)/kept/journal", \#(hosts) }"#
      try Data(site.utf8).write(to: URL(filePath: "\(directory)/site.lua"))
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func path(_ name: String) -> String { "\(directory)/kept/\(name)" }

    func opsh(_ words: [String], _ harm: Harm = .none) async throws -> Subprocess.Ending {
      var environment = PseudoTerminal.environment([
        "HOME": directory, "XDG_STATE_HOME": directory, "XDG_CONFIG_HOME": nil, "OPSH_SITE": nil,
      ])
      if !harm.environment.isEmpty {
        environment.merge(harm.environment) { $1 }
        environment["CRASH_PROGRAM"] = "opsh"
        environment["CRASH_FILES"] = directory + "/kept"
        environment["LD_PRELOAD"] = try await Shim.library()
      }
      let words = ["--site", "\(directory)/site.lua"] + words.confirmed
      return try await Subprocess(path: PseudoTerminal.product("opsh"), arguments: words, environment: environment)
        .run()
    }

    /// Keeps the state that `restoreState` puts back.
    func keepState() throws {
      try? FileManager.default.removeItem(atPath: directory + "/state")
      try FileManager.default.copyItem(atPath: directory + "/kept", toPath: directory + "/state")
    }

    func restoreState() throws {
      try FileManager.default.removeItem(atPath: directory + "/kept")
      try FileManager.default.copyItem(atPath: directory + "/state", toPath: directory + "/kept")
    }

    func care(_ name: String = "journal") -> JournalCare {
      JournalCare(
        place: .file(path(name)),
        anchor: AnchorFile(path: path(name) + ".anchor"),
        identity: ProcessIdentity.current(version: "test", digest: "")
      )
    }

    /// Writes something down: a file that is put and one change more for every call.
    func put(_ content: String) async throws {
      let ending = try await opsh(["-e", "fleet.put { on = \"me\", path = \"note\", content = \"\(content)\" }"])
      #expect(ending.status == 0, "\(String(decoding: ending.errorOutput, as: UTF8.self))")
    }
  }

  /// Runs a command with a kill at each sync; `judge` looks at what is left.
  private func sweep(
    _ place: Place,
    _ words: [String],
    _ judge: (_ at: String) async throws -> Void
  ) async throws {
    try place.keepState()
    let count = "\(place.directory)/count"
    let whole = try await place.opsh(words, .counting(into: count))
    #expect(whole.status == 0, "\(String(decoding: whole.errorOutput, as: UTF8.self))")
    let syncs = try String(contentsOfFile: count, encoding: .utf8).split(separator: "\n").count
    #expect(syncs > 0)
    for sync in 1...max(1, syncs) {
      for moment in Harm.Moment.allCases {
        try place.restoreState()
        let ending = try await place.opsh(words, .kill(at: sync, moment))
        #expect(ending.signal == 9 || ending.status == 0)
        try await judge("\(words) killed \(moment) sync \(sync) of \(syncs)")
      }
    }
  }

  @Test func `a backup that is killed leaves the older one or the new one`() async throws {
    let place = try Place()
    try await place.put("one")
    _ = try await place.care().backUp(to: place.path("backup"))
    let old = try await place.care("backup").standing().head
    try await place.put("two")
    let new = try await place.care().standing().head
    try await sweep(place, ["journal", "backup", place.path("backup")]) { at in
      let head = try await place.care("backup").standing().head
      #expect(head == old || head == new, "\(at)")
      let checked = try await place.care().check()
      #expect(checked.problems == [], "\(at)")
    }
  }

  @Test func `a restore of a lost journal that is killed leaves none or a whole one`() async throws {
    let place = try Place()
    try await place.put("one")
    _ = try await place.care().backUp(to: place.path("backup"))
    for name in ["journal", "journal-wal", "journal-shm", "journal.anchor"] {
      try? FileManager.default.removeItem(atPath: place.path(name))
    }
    try await sweep(place, ["journal", "restore", place.path("backup")]) { at in
      guard FileManager.default.fileExists(atPath: place.path("journal")) else { return }
      // It was whole before it got its name, with the record of its restore.
      let restored = try await place.care().check()
      #expect(restored.problems == [] && restored.standing.runs == 1, "\(at): \(restored.problems)")
      let export = try await place.opsh(["audit", "export"])
      #expect(String(decoding: export.output, as: UTF8.self).contains("\"journal.restore\""), "\(at)")
      // Whoever restores once more has all of it.
      let words = ["journal", "restore", place.path("backup"), "--force", "--reason", "again"]
      let again = try await place.opsh(words)
      #expect(again.status == 0, "\(at)")
      let checked = try await place.care().check()
      #expect(checked.problems == [] && checked.standing.runs == 1, "\(at)")
    }
  }

  @Test func `a restore over a journal that is killed leaves the old one or the backup`() async throws {
    let place = try Place()
    try await place.put("one")
    _ = try await place.care().backUp(to: place.path("backup"))
    try await place.put("two")
    let words = ["journal", "restore", place.path("backup"), "--force", "--reason", "test"]
    try await sweep(place, words) { at in
      let standing = try await place.care().standing()
      #expect(standing.runs == 1 || standing.runs == 2, "\(at)")
      // What the anchors know beyond a backup that is in place is accepted by doing it again.
      let again = try await place.opsh(words)
      #expect(again.status == 0, "\(at): \(String(decoding: again.errorOutput, as: UTF8.self))")
      let checked = try await place.care().check()
      #expect(checked.problems == [] && checked.standing.runs == 1, "\(at): \(checked.problems)")
    }
  }

  @Test func `a move that is killed leaves one journal, and a second try ends it`() async throws {
    let place = try Place()
    try await place.put("one")
    let words = ["journal", "move", place.path("moved")]
    try await sweep(place, words) { at in
      if try await place.care().standing().movedTo == nil {
        #expect(try await place.care().check().problems == [], "\(at)")
        let again = try await place.opsh(words)
        #expect(again.status == 0, "\(at): \(String(decoding: again.errorOutput, as: UTF8.self))")
      }
      let moved = try await place.care("moved").check()
      #expect(moved.problems == [] && moved.standing.runs == 1, "\(at): \(moved.problems)")
    }
  }

  @Test func `a pruning that is killed has removed whole runs or nothing of them`() async throws {
    let place = try Place()
    for content in ["one", "two"] { try await place.put(content) }
    let words = ["journal", "prune", "--before", "0h", "--force", "--reason", "test"]
    try await sweep(place, words) { at in
      let checked = try await place.care().check()
      #expect(checked.problems == [], "\(at): \(checked.problems)")
      #expect([0, 2].contains(checked.standing.runs), "\(at)")
    }
  }

  @Test func `the drill: back up, lose the journal, restore, resume`() async throws {
    let place = try Place()
    let book = """
      return { version = "1.0.0", effects = { "changes" }, lock = "host/me",
        run = function(job)
          for _, name in ipairs { "one", "two", "three" } do
            job:step(name, function() fleet.exec { on = "me", cmd = "echo " .. name .. " >> log" } end)
          end
        end }
      """
    try Data(book.utf8).write(to: URL(filePath: "\(place.directory)/note.lua"))
    // Killed in the middle: after the sync that ends the first step.
    let count = "\(place.directory)/count"
    try place.keepState()
    let whole = try await place.opsh(["\(place.directory)/note.lua"], .counting(into: count))
    #expect(whole.status == 0, "\(String(decoding: whole.errorOutput, as: UTF8.self))")
    let syncs = try String(contentsOfFile: count, encoding: .utf8).split(separator: "\n").count
    try place.restoreState()
    for name in ["log", ".opsh"] { try? FileManager.default.removeItem(atPath: "\(place.directory)/\(name)") }
    _ = try await place.opsh(["\(place.directory)/note.lua"], .kill(at: syncs * 2 / 3, .after))

    let backup = try await place.opsh(["journal", "backup", place.path("backup")])
    #expect(backup.status == 0, "\(String(decoding: backup.errorOutput, as: UTF8.self))")
    let lost = try FileManager.default.contentsOfDirectory(atPath: place.directory + "/kept")
    for name in lost where name.hasPrefix("journal") { try FileManager.default.removeItem(atPath: place.path(name)) }
    let restored = try await place.opsh(["journal", "restore", place.path("backup")])
    #expect(restored.status == 0, "\(String(decoding: restored.errorOutput, as: UTF8.self))")
    let run = try await place.opsh(["-e", "print(runs()[1].id, runs()[1].state)"])
    let words = String(decoding: run.output, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    try #require(words.count == 2, "\(String(decoding: run.errorOutput, as: UTF8.self))")
    #expect(["interrupted", "detached", "unknown"].contains(words[1]))
    let resumed = try await place.opsh(["resume", String(words[0])])
    #expect(resumed.status == 0, "\(String(decoding: resumed.errorOutput, as: UTF8.self))")
    // Each step once, in order, on both sides of the loss.
    #expect(try String(contentsOfFile: "\(place.directory)/log", encoding: .utf8) == "one\ntwo\nthree\n")
    #expect(try await place.care().check().problems == [])
  }
}
