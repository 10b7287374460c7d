import Foundation
import HostScript
import PrimitiveKit
import Subprocess
import Testing

/// The shells the host script must run under; those that are installed.
enum Shell: String, CaseIterable, Sendable {
  case dash, busybox

  var command: [String] { self == .dash ? ["dash"] : ["busybox", "sh"] }

  static let installed = allCases.filter { FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0.rawValue)") }
}

/// A home directory with a bot root, images and the composed script: a host without a network.
final class TestHost: Sendable {
  let home: String
  let shell: Shell
  var root: String { "\(home)/bots" }

  static let driver =
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../plugins/process/driver.sh").path

  static func script() throws -> HostScript {
    try HostScript(driver: String(contentsOfFile: driver, encoding: .utf8), environment: ["ROOT": "~/bots"])
  }

  private init(shell: Shell) throws {
    self.shell = shell
    home = NSTemporaryDirectory() + "opsh-host-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    try Self.script().text.write(toFile: "\(home)/host.sh", atomically: true, encoding: .utf8)
  }

  /// Runs a body on a fresh host; whatever bots it leaves are ended and all files removed.
  static func with(_ shell: Shell = .dash, _ body: (TestHost) async throws -> Void) async throws {
    let host = try TestHost(shell: shell)
    defer {
      for pid in host.processes { kill(pid, SIGKILL) }
      try? FileManager.default.removeItem(atPath: host.home)
    }
    try await body(host)
  }

  struct Answer {
    var status: Int32?
    var lines: [HostLine]
    var text: String
    var errors: String

    var results: [SwapResult] { get throws { try lines.filter { $0.kind == .result }.map { try SwapResult($0) } } }
    var bots: [HostBot] { get throws { try lines.filter { $0.kind == .bot }.map { try HostBot($0) } } }
    var code: String? { lines.first { $0.kind == .error }?["code"] }
  }

  func run(_ arguments: [String], environment: [String: String] = [:], script: String = "host.sh") async throws
    -> Answer
  {
    try await command(shell.command + ["\(home)/\(script)"] + arguments, environment: environment)
  }

  func command(_ words: [String], environment: [String: String] = [:], input: [UInt8] = []) async throws -> Answer {
    let ending = try await ending(words, environment, input)
    let text = String(decoding: ending.output, as: UTF8.self)
    return Answer(
      status: ending.status,
      lines: try text.split(separator: "\n").map { try HostLine(parsing: String($0)) },
      text: text,
      errors: String(decoding: ending.errorOutput, as: UTF8.self)
    )
  }

  /// What a command printed, which may be no lines at all.
  func ending(_ words: [String], _ environment: [String: String] = [:], _ input: [UInt8] = []) async throws
    -> Subprocess.Ending
  {
    var process = Subprocess(path: "/usr/bin/env", arguments: words)
    process.environment = [
      "HOME": home, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "OPSH_SHELL": shell.command.joined(separator: " "),
    ].merging(environment) { $1 }
    process.input = input
    process.timeout = .seconds(60)
    return try await process.run()
  }

  /// Builds an image whose bot lives as `behaviour` says; gives its digest.
  func image(_ name: String, behaviour: String = "") async throws -> String {
    let tree = "\(home)/build-\(name)"
    try FileManager.default.createDirectory(atPath: "\(tree)/bin", withIntermediateDirectories: true)
    let built = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let program = URL(filePath: built).deletingLastPathComponent().appending(path: "HostScriptBot").path
    try FileManager.default.copyItem(atPath: program, toPath: "\(tree)/bin/bot")
    try behaviour.write(toFile: "\(tree)/behaviour", atomically: true, encoding: .utf8)
    try name.write(toFile: "\(tree)/name", atomically: true, encoding: .utf8)
    let tar = try await command(["tar", "-czf", "\(home)/\(name).tar.gz", "-C", tree, "."])
    try #require(tar.status == 0)
    let archive = try Data(contentsOf: URL(filePath: "\(home)/\(name).tar.gz"))
    return "sha256:" + SHA256(hashing: archive).hex
  }

  func swapArguments(_ name: String, _ digest: String, bots: String, _ more: [String] = []) -> [String] {
    [
      "swap", "--image", name, "--digest", digest, "--source", "\(home)/\(name).tar.gz", "--bots", bots, "--stop", "5",
      "--settle", "0",
    ] + more
  }

  @discardableResult
  func swap(_ name: String, _ digest: String, bots: String = "bot1", _ more: [String] = []) async throws -> Answer {
    try await run(swapArguments(name, digest, bots: bots, more))
  }

  func bot(_ name: String = "bot1") async throws -> HostBot {
    try #require(try await run(["inspect", "--bots", name]).bots.first)
  }

  /// The processes whose program lies in this host's images, found by reading every `/proc/PID/exe`.
  var processes: [pid_t] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return entries.compactMap { pid_t($0) }.filter { pid in
      let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/exe")
      return program?.hasPrefix("\(root)/images/") == true
        && (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8))?.contains(") Z ") == false
    }
  }

  func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: "\(home)/\(path)") }

  func contents(_ path: String) -> String { (try? String(contentsOfFile: "\(home)/\(path)", encoding: .utf8)) ?? "" }

  /// Waits until a condition holds, for at most 30 s.
  func until(_ condition: () -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(30)
    while !condition() {
      try #require(ContinuousClock.now < end, "waited 30 s in vain")
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}
