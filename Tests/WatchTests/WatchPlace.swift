import Foundation
import PostgresTesting
import PseudoTerminal
import Subprocess
import Testing

/// Where what happened at a place is kept.
enum JournalKind: CaseIterable { case sqlite, postgres }

/// A site of this machine alone, with one check of a file's size in lines, and a notifier that writes down what it hears.
final class WatchPlace: Sendable {
  let directory: String
  private let journal: String

  /// `notifier` is a script of sh; it gets the event on its standard input and the directory as `$1`.
  init(_ kind: JournalKind = .sqlite, notifier: String = #"cat >>"$1/told""#, more: String = "") async throws {
    directory = NSTemporaryDirectory() + "opsh-watch-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    switch kind {
    case .sqlite: journal = "\(directory)/journal"
    case .postgres: journal = try await PostgresServer.shared().newSchema()
    }
    try write(notifier, to: "notifier.sh")
    try write(
      """
      return {
        name = "here", journal = "\(journal)", lease = 10,
        hosts = { { name = "me", transport = "local" } },
        notifiers = { pager = { program = { "sh", "\(directory)/notifier.sh", "\(directory)" }, deadline = "10s" } },
        routes = { { level = "BAD", check = "desk.*", to = { "pager" } } },
        checks = { ["desk.errors"] = { kind = "log_count", path = "\(directory)/log", pattern = "ERROR", since = "1h",
          ok = { equals = 0 }, bad = { from = 1 }, every = "1s" } },
        \(more)
      }
      """,
      to: "site.lua"
    )
    try log("INFO up")
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: "\(directory)/\(name)"))
  }

  func read(_ name: String) -> String { (try? String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)) ?? "" }

  /// Makes the log that the check reads, with one line of now.
  func log(_ line: String) throws { try write("\(Date().formatted(.iso8601)) \(line)\n", to: "log") }

  /// What the notifier wrote down: a state for each event, such as `raised`.
  var told: [String] { events.map(\.state) }

  /// The same where a notice that came twice, under one id, counts once: after a kill that is what is promised.
  var toldOnce: [String] {
    var seen: Set<String> = []
    return events.filter { seen.insert($0.id).inserted }.map(\.state)
  }

  /// The ids of the events, in order.
  var ids: [String] { events.map(\.id) }

  private struct Event: Decodable {
    let state: String
    let id: String
  }

  private var events: [Event] {
    read("told").split(separator: "\n").compactMap { try? JSONDecoder().decode(Event.self, from: Data($0.utf8)) }
  }

  func command(_ words: [String], environment more: [String: String] = [:]) -> Subprocess {
    let environment = PseudoTerminal.environment([
      "HOME": directory, "XDG_STATE_HOME": directory, "XDG_CONFIG_HOME": nil, "OPSH_SITE": nil,
    ])
    var program = Subprocess(
      path: PseudoTerminal.product("opsh"),
      arguments: ["--site", "\(directory)/site.lua"] + words,
      environment: environment.merging(more) { $1 }
    )
    program.timeout = .seconds(60)
    return program
  }

  @discardableResult
  func opsh(_ words: String...) async throws -> Subprocess.Ending {
    let ending = try await command(words).run()
    #expect(!ending.timedOut)
    return ending
  }
}

extension Subprocess.Ending {
  var text: String { String(decoding: output, as: UTF8.self) }
  var problem: String { String(decoding: errorOutput, as: UTF8.self) }
}
