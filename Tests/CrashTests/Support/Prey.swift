import Foundation
import Glibc
import OpshLab
import PseudoTerminal
import Subprocess
import Testing

/// A lab and the opsh that is harmed while it works there.
struct Prey: Sendable {
  let lab: Lab
  /// Holds the lab, the state directory and files of the test.
  let directory: String

  /// Raises a lab, hands it over and clears it away, whatever the body does.
  static func with<Answer>(
    hosts: Int,
    botsPerHost: Int = 1,
    system: String? = nil,
    _ body: (Prey) async throws -> Answer
  ) async throws -> Answer {
    let directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("opsh-crash-\(UUID().uuidString.prefix(8))").path
    let lab = try await Lab.up(
      directory: directory + "/lab",
      size: Lab.Size(hosts: hosts, botsPerHost: botsPerHost, staging: false, system: system)
    )
    let prey = Prey(lab: lab, directory: directory)
    let answer: Answer
    do {
      try prey.hurry()
      answer = try await body(prey)
    } catch {
      try? await lab.down()
      try? FileManager.default.removeItem(atPath: directory)
      throw error
    }
    try await lab.down()
    try FileManager.default.removeItem(atPath: directory)
    return answer
  }

  var state: String { directory + "/state" }
  var journalPath: String { state + "/opsh/lab.journal" }

  /// How a run ended and what it printed.
  struct Outcome: Sendable, CustomStringConvertible {
    let status: Int32?
    let signal: Int32?
    let output: String
    let errors: String
    var wasKilled: Bool { signal == 9 }
    var description: String {
      "status \(status.map(String.init) ?? "none") signal \(signal.map(String.init) ?? "none")\n\(output)\n--- errors\n\(errors)"
    }
  }

  func opsh(_ words: String..., harm: Harm = .none, limit: Duration = .seconds(120)) async throws -> Outcome {
    try await opsh(words, harm: harm, limit: limit)
  }

  func opsh(_ words: [String], harm: Harm = .none, limit: Duration = .seconds(120)) async throws -> Outcome {
    var program = try await command(words, harm: harm)
    program.timeout = limit
    let ending = try await program.run()
    #expect(!ending.timedOut, "opsh \(words) took longer than \(limit)")
    return Outcome(
      status: ending.status,
      signal: ending.signal,
      output: String(decoding: ending.output, as: UTF8.self),
      errors: String(decoding: ending.errorOutput, as: UTF8.self)
    )
  }

  /// The program and its environment, to start it in another way.
  func command(_ words: [String], harm: Harm = .none) async throws -> Subprocess {
    var environment = PseudoTerminal.environment([
      "HOME": directory, "XDG_STATE_HOME": state, "XDG_CONFIG_HOME": nil, "OPSH_SITE": nil,
    ])
    if !harm.environment.isEmpty {
      environment.merge(harm.environment) { $1 }
      environment["CRASH_PROGRAM"] = "opsh"
      environment["CRASH_FILES"] = journalPath
      environment["LD_PRELOAD"] = try await Shim.library()
    }
    return Subprocess(
      path: PseudoTerminal.product("opsh"),
      arguments: ["--site", lab.site] + words.confirmed,
      environment: environment
    )
  }

  /// A runbook of this target's folder.
  static func runbook(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Runbooks/\(name).lua").standardizedFileURL.path
  }

  /// A runbook that is shipped.
  static func shipped(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../runbooks/\(name).lua").standardizedFileURL.path
  }

  /// Puts everything back to before the first run, but the bots, which go on in the version they have.
  func reset() throws {
    let files = FileManager.default
    try? files.removeItem(atPath: state)
    for host in lab.hosts {
      let home = lab.layout.home(of: host.name)
      for name in try files.contentsOfDirectory(atPath: home) where name != "bots" && name != "registry" {
        try files.removeItem(atPath: "\(home)/\(name)")
      }
      try removeUnusedImages(of: host)
      for bot in host.bots { try emptyLogs(lab.layout.botRoot(of: host.name) + "/\(bot)/log") }
    }
  }

  // A bot that runs goes on writing at the end of its own.
  private func emptyLogs(_ directory: String) throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
      if name == "bot.log" {
        truncate("\(directory)/\(name)", 0)
      } else {
        try FileManager.default.removeItem(atPath: "\(directory)/\(name)")
      }
    }
  }

  /// Lets bots settle for as short as a site may say.
  private func hurry() throws {
    let text = try String(contentsOfFile: lab.site, encoding: .utf8)
    let quick = text.replacingOccurrences(of: "settle = 2,", with: "settle = 1,")
    try quick.write(toFile: lab.site, atomically: true, encoding: .utf8)
  }

  private func removeUnusedImages(of host: LabHost) throws {
    let files = FileManager.default
    let root = lab.layout.botRoot(of: host.name)
    let used = host.bots.compactMap { try? files.destinationOfSymbolicLink(atPath: "\(root)/\($0)/image") }
      .map { URL(fileURLWithPath: $0).lastPathComponent }
    for image in try files.contentsOfDirectory(atPath: root + "/images") where !used.contains(image) {
      try files.removeItem(atPath: "\(root)/images/\(image)")
    }
  }
}
