import Foundation
import HostScript
import OpshLab
import PrimitiveKit
import Subprocess
import Testing

/// The shells the host script must run under; those that are installed.
enum Shell: String, CaseIterable, Sendable {
  case dash, busybox

  var command: [String] { self == .dash ? ["dash"] : ["busybox", "sh"] }

  static let installed = allCases.filter { FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0.rawValue)") }
}

/// A home directory with a bot root, images and the composed script: a host without a network, and, where it runs units, with
/// a systemd of its own.
final class TestHost: Sendable {
  /// Where its files are for this test.
  let home: String
  let shell: Shell
  let units: UnitHost?
  /// Where its files are for what runs on it.
  var inner: String { units?.inner ?? home }
  var root: String { "\(home)/bots" }

  private static let plugins =
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../plugins").path

  static func driver(_ runtime: String) throws -> String {
    let files = runtime == "systemd" ? ["units.sh", "files.sh", "driver.sh"] : ["driver.sh"]
    return try files.map { try String(contentsOfFile: "\(plugins)/\(runtime)/\($0)", encoding: .utf8) }.joined(
      separator: "\n"
    )
  }

  static func script(_ runtime: String = "process", _ settings: [String: String] = [:]) throws -> HostScript {
    try HostScript(driver: driver(runtime), environment: ["ROOT": "~/bots"].merging(settings) { $1 })
  }

  private init(shell: Shell, scope: UnitHost.Scope?, _ settings: [String: String]) throws {
    self.shell = shell
    var settings = settings
    let directory = NSTemporaryDirectory() + "opsh-host-\(UUID().uuidString)"
    units = scope.map { UnitHost(directory: directory, name: UUID().uuidString, scope: $0) }
    if scope == .system { settings.merge(["SCOPE": "system", "UNITS": "\(directory)/units"]) { $1 } }
    home = units?.home ?? directory
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    try Self.script(scope == nil ? "process" : "systemd", settings).text
      .write(toFile: "\(home)/host.sh", atomically: true, encoding: .utf8)
  }

  /// Runs a body on a fresh host; whatever bots it leaves are ended and all files removed.
  static func with(_ shell: Shell = .dash, _ body: (TestHost) async throws -> Void) async throws {
    let host = try TestHost(shell: shell, scope: nil, [:])
    defer {
      for pid in host.processes { kill(pid, SIGKILL) }
      try? FileManager.default.removeItem(atPath: host.home)
    }
    try await body(host)
  }

  /// Runs a body on a fresh host with systemd; all its processes are ended and all files removed.
  static func withUnits(
    _ shell: Shell = .dash,
    scope: UnitHost.Scope = .user,
    settings: [String: String] = [:],
    _ body: (TestHost, UnitHost) async throws -> Void
  ) async throws {
    await UnitPlaces.shared.take()
    defer { Task { await UnitPlaces.shared.free() } }
    let host = try TestHost(shell: shell, scope: scope, settings)
    let units = try #require(host.units)
    defer { try? FileManager.default.removeItem(atPath: units.directory) }
    let words = try units.prepare(watched: true)
    let process = Process()
    // It is gone when this test is: nothing holds the other end then.
    let life = Pipe()
    _ = fcntl(life.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
    process.executableURL = URL(filePath: words[0])
    process.arguments = Array(words.dropFirst())
    process.standardInput = life
    let log = FileManager.default.createFile(atPath: "\(units.directory)/log/start", contents: nil)
    process.standardOutput = log ? FileHandle(forWritingAtPath: "\(units.directory)/log/start") : nil
    process.standardError = process.standardOutput
    try process.run()
    defer {
      try? units.end()
      process.waitUntilExit()
    }
    try units.awaitManager()
    try await body(host, units)
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
    try await command(shell.command + ["\(inner)/\(script)"] + arguments, environment: environment)
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
    let environment = ["OPSH_SHELL": shell.command.joined(separator: " ")].merging(environment) { $1 }
    let within = units.map { $0.entering(["env"] + environment.map { "\($0)=\($1)" } + words) }
    var process = Subprocess(path: "/usr/bin/env", arguments: within ?? words)
    process.environment = ["HOME": home, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"].merging(environment) { $1 }
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
    try units?.own(home)
    let tar = try await command(["tar", "-czf", "\(inner)/\(name).tar.gz", "-C", "\(inner)/build-\(name)", "."])
    try #require(tar.status == 0)
    let archive = try Data(contentsOf: URL(filePath: "\(home)/\(name).tar.gz"))
    return "sha256:" + SHA256(hashing: archive).hex
  }

  func swapArguments(_ name: String, _ digest: String, bots: String, _ more: [String] = []) -> [String] {
    [
      "swap", "--image", name, "--digest", digest, "--source", "\(inner)/\(name).tar.gz", "--bots", bots, "--stop", "5",
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

/// Two hosts with systemd at a time: more would make each other late on a small machine.
private actor UnitPlaces {
  static let shared = UnitPlaces()
  private var left = 2
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func take() async {
    if left > 0 {
      left -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  func free() {
    if waiting.isEmpty { left += 1 } else { waiting.removeFirst().resume() }
  }
}
