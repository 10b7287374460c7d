import Foundation
import PseudoTerminal
import Subprocess
import Testing

/// Kills a watcher at every sync of its journal, before and after: a finding is told at least once, and never under two ids.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct WatchCrashTests {
  /// A site of this machine alone whose one check is BAD, and a notifier that writes down what it hears.
  private final class Place: Sendable {
    let directory: String
    var journal: String { "\(directory)/kept/journal" }

    init() throws {
      directory = NSTemporaryDirectory() + "opsh-watch-crash-\(UUID().uuidString.prefix(8))"
      try FileManager.default.createDirectory(atPath: "\(directory)/kept", withIntermediateDirectories: true)
      let site = """
        return {
          name = "here", journal = "\(directory)/kept/journal", hosts = { { name = "me", transport = "local" } },
          notifiers = { pager = { program = { "tee", "-a", "\(directory)/told" } } },
          routes = { { level = "BAD", check = "desk.*", to = { "pager" } } },
          checks = { ["desk.age"] = { kind = "file_age", path = "/etc/passwd", ok = { below = 1 }, bad = { from = 1 } } },
        }
        """
      try Data(site.utf8).write(to: URL(filePath: "\(directory)/site.lua"))
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// The ids of what was told, in order.
    var ids: [String] {
      struct Event: Decodable { let id: String }
      let text = (try? String(contentsOfFile: "\(directory)/told", encoding: .utf8)) ?? ""
      return text.split(separator: "\n").compactMap { try? JSONDecoder().decode(Event.self, from: Data($0.utf8)).id }
    }

    func clear() throws {
      try? FileManager.default.removeItem(atPath: "\(directory)/told")
      for file in try FileManager.default.contentsOfDirectory(atPath: "\(directory)/kept") {
        try FileManager.default.removeItem(atPath: "\(directory)/kept/\(file)")
      }
    }

    func watch(_ harm: Harm = .none) async throws -> Subprocess.Ending {
      var environment = PseudoTerminal.environment([
        "HOME": directory, "XDG_STATE_HOME": directory, "XDG_CONFIG_HOME": nil, "OPSH_SITE": nil,
      ])
      if !harm.environment.isEmpty {
        environment.merge(harm.environment) { $1 }
        environment["CRASH_PROGRAM"] = "opsh"
        environment["CRASH_FILES"] = "\(directory)/kept"
        environment["LD_PRELOAD"] = try await Shim.library()
      }
      return try await Subprocess(
        path: PseudoTerminal.product("opsh"),
        arguments: ["--site", "\(directory)/site.lua", "watch", "--once", "desk.*"],
        environment: environment
      ).run()
    }
  }

  @Test(arguments: Harm.Moment.allCases)
  func `a finding is told whenever the watcher is killed`(moment: Harm.Moment) async throws {
    let place = try Place()
    let count = "\(place.directory)/count"
    let first = try await place.watch(.counting(into: count))
    try #require(first.status == 0, "\(String(decoding: first.errorOutput, as: UTF8.self))")
    try #require(place.ids.count == 1)
    let syncs = try String(contentsOfFile: count, encoding: .utf8).split(separator: "\n").count
    try #require(syncs > 5)
    var killed = 0
    var twice = 0
    for sync in 1...syncs {
      try place.clear()
      if try await place.watch(.kill(at: sync, moment)).signal == 9 { killed += 1 }
      for _ in 0..<2 {
        let ending = try await place.watch()
        #expect(ending.status == 0, "sync \(sync): \(String(decoding: ending.errorOutput, as: UTF8.self))")
      }
      let ids = place.ids
      #expect((1...2).contains(ids.count) && Set(ids).count == 1, "sync \(sync): \(ids)")
      twice += ids.count - 1
    }
    // It was killed indeed, and mostly told but once.
    #expect(killed >= syncs - 1 && twice <= 2, "\(killed) of \(syncs) killed, \(twice) told twice")
  }
}
