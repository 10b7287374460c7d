import Foundation
import OpshTesting
import PrimitiveKit
import Site
import Subprocess
import Testing

@testable import Checks

/// The commands of probes against real files and processes of this machine.
struct ShellProbeTests {
  private let directory = FileManager.default.temporaryDirectory.path + "/opsh-probe-\(UUID().uuidString)"
  private let now = Date()

  init() throws { try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true) }

  private func write(_ lines: [String], to name: String, age: Double = 0) throws {
    let path = "\(directory)/\(name)"
    try (lines + [""]).joined(separator: "\n").write(toFile: path, atomically: false, encoding: .utf8)
    let date = now.addingTimeInterval(-age)
    try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
  }

  /// A line of the log, so many seconds ago, in one of the forms that logs have.
  private func line(_ seconds: Double, _ text: String, _ form: String = "%Y-%m-%dT%H:%M:%SZ") -> String {
    var time = time_t(now.timeIntervalSince1970 - seconds)
    var parts = tm()
    _ = form.hasSuffix("Z") ? gmtime_r(&time, &parts) : localtime_r(&time, &parts)
    var buffer = [CChar](repeating: 0, count: 64)
    let count = strftime(&buffer, buffer.count, form, &parts)
    return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) + " \(text)"
  }

  /// What a check of the site finds with its real command, run in the directory.
  private func finding(_ fields: [String: Value]) async throws -> String {
    let transport = ScriptedTransport { [directory] request, host throws(TransportError) in
      var child = Subprocess(path: "/bin/sh", arguments: ["-c", "cd \(directory) && { \(request.line)\n}"])
      child.timeout = .seconds(120)
      do {
        let ending = try await child.run()
        return CommandResult(
          status: ending.status.map(Int.init),
          output: Array(ending.output),
          errorOutput: Array(ending.errorOutput)
        )
      } catch {
        throw .lost(host: host.name, reason: "\(error)")
      }
    }
    var stand = Stand(hosts: transport, now: { [now] in now })
    stand.surroundings.site = try testSite(["web1"])
    let check = fields.merging(["deadline": .int(150)]) { one, _ in one }
    try stand.site(["checks": .table(["tokyo.it": .table(check)])])
    return try await stand.findings().map(\.line).joined(separator: "\n")
  }

  private func count(_ pattern: String = "ERROR", since: String = "30m") async throws -> String {
    try await finding([
      "kind": .string("log_count"), "path": .string("bot.log"), "pattern": .string(pattern), "since": .string(since),
      "ok": .table(["below": .int(2)]), "bad": .table(["above": .int(3)]),
    ])
  }

  @Test func `lines are counted over the window, whatever form their times have`() async throws {
    try write(
      [
        line(7200, "ERROR too old"), line(60, "ERROR utc"), line(60, "ERROR local", "%Y-%m-%d %H:%M:%S"),
        line(60, "ERROR offset", "%Y-%m-%dT%H:%M:%S.250%z"), line(50, "fine"), "ERROR continued",
      ],
      to: "bot.log"
    )
    #expect(try await count() == "BAD tokyo.it web1: 4 lines; BAD is more than 3")
    #expect(try await count("utc|local") == "WARN tokyo.it web1: 2 lines; OK is less than 2, BAD is more than 3")
    #expect(try await count("nothing") == "OK tokyo.it web1: 0 lines; OK is less than 2")
  }

  @Test func `a window reaches back into rotated files`() async throws {
    try write([line(60, "ERROR new")], to: "bot.log")
    try write([line(9000, "ERROR too old"), line(600, "ERROR rotated")], to: "bot.log.1", age: 500)
    try write([line(900, "ERROR packed")], to: "bot.log.2", age: 700)
    try write([line(99_000, "ERROR ancient")], to: "bot.log.3", age: 98_000)
    try write([line(60, "ERROR another log")], to: "bot.log.bak")
    var gzip = Subprocess(path: "/usr/bin/gzip", arguments: ["\(directory)/bot.log.2"])
    gzip.timeout = .seconds(10)
    _ = try await gzip.run()
    #expect(try await count() == "WARN tokyo.it web1: 3 lines; OK is less than 2, BAD is more than 3")
  }

  @Test func `a log that is silent, empty, missing or without times is UNKNOWN`() async throws {
    #expect(
      try await count().hasPrefix("UNKNOWN tokyo.it web1: the command exited with status 66: bot.log does not exist")
    )
    try write([], to: "bot.log")
    #expect(try await count() == "UNKNOWN tokyo.it web1: the log has no line of the last 30 min")
    try write([line(3600, "ERROR")], to: "bot.log")
    #expect(try await count() == "UNKNOWN tokyo.it web1: the log has no line of the last 30 min")
    try write(["ERROR", "ERROR"], to: "bot.log")
    #expect(try await count() == "UNKNOWN tokyo.it web1: no line of the log has a time that can be read")
  }

  // An old log with one line of the year 2030 was "0 lines", OK.
  @Test func `a line from the future is in no window`() async throws {
    try write([line(7200, "fine"), line(-86400, "fine"), "more of it"], to: "bot.log")
    #expect(
      try await count()
        == "UNKNOWN tokyo.it web1: the log has no line of the last 30 min, and 2 lines from the future: a clock is wrong"
    )
    try write([line(60, "ERROR"), line(-86400, "fine"), line(50, "fine")], to: "bot.log")
    #expect(try await count() == "OK tokyo.it web1: 1 lines; OK is less than 2")
    try write([line(60, "fine"), line(-86400, "ERROR")], to: "bot.log")
    #expect(
      try await count() == "UNKNOWN tokyo.it web1: 1 line that would count is from the future: a clock is wrong"
    )
  }

  @Test func `a field is counted in JSON and in words, and only that value of it`() async throws {
    let seconds = Int(now.timeIntervalSince1970)
    try write(
      [
        #"{"ts":\#(seconds),"code":-2010,"x":1}"#, #"{"ts":\#(seconds)000,"code": "-2010"}"#,
        #"{"time":\#(seconds)000000,"code":-20101}"#, #"{"ts":\#(seconds),"decode":-2010}"#,
        line(10, "code=-2010 side=buy"), line(10, "code=-20101"), line(10, #"code="-2010""#),
      ],
      to: "bot.log"
    )
    let found = try await finding([
      "kind": .string("log_count"), "path": .string("bot.log"), "field": .string("code"), "equals": .string("-2010"),
      "since": .string("5m"), "ok": .table(["equals": .int(4)]),
    ])
    #expect(found == "OK tokyo.it web1: 4 lines; OK is exactly 4")
  }

  @Test func `the age of a file is that of its host, and a missing file is UNKNOWN`() async throws {
    let age: [String: Value] = [
      "kind": .string("file_age"), "path": .string("candles.db"), "ok": .table(["below": .string("2m")]),
      "bad": .table(["from": .string("10m")]),
    ]
    #expect(try await finding(age).hasPrefix("UNKNOWN tokyo.it web1: the command exited with status 1"))
    try write(["x"], to: "candles.db", age: 3600)
    // The host's clock goes on until it is asked.
    let found = try await finding(age)
    let most = 3600 + Int(Date().timeIntervalSince(now)) + 1
    let seconds = try #require(found.firstMatch(of: #/^BAD tokyo.it web1: (\d+)/#).flatMap { Int($0.1) }, "\(found)")
    #expect((3600...most).contains(seconds), "\(found)")
    try write(["x"], to: "candles.db", age: -3600)
    #expect(try await finding(age).hasPrefix("UNKNOWN tokyo.it web1: candles.db was written 3"))
  }

  // One more hung there at each look.
  @Test func `a command that hangs ends on its host, with all that it started`() async throws {
    let fifo = "\(directory)/hangs"
    try #require(mkfifo(fifo, 0o600) == 0)
    var request = CommandRequest(line: "cat -- '\(fifo)' | wc -l", timeout: .milliseconds(100), effect: .reads)
    #expect(request.lineThere == request.line)
    request.endsThere = true
    var child = Subprocess(path: "/bin/sh", arguments: ["-c", request.lineThere])
    child.timeout = .seconds(60)
    let ending = try await child.run()
    #expect(!ending.timedOut && ending.status == 124)
    // Nobody reads the pipe any more, so it cannot be opened for writing without waiting.
    #expect(open(fifo, O_WRONLY | O_NONBLOCK) == -1 && errno == ENXIO)
  }

  @Test func `a port that nobody listens on is BAD`() async throws {
    let port: [String: Value] = ["kind": .string("port"), "port": .int(1)]
    #expect(try await finding(port) == "BAD tokyo.it web1: 0; BAD is less than 1")
  }

  @Test func `the environment of a process is compared without showing a value`() async throws {
    let child = Process()
    child.executableURL = URL(filePath: "/bin/sleep")
    child.arguments = ["60"]
    child.environment = ["A": "1", "SECRET": "hidden", "QUOTED": "two words"]
    try child.run()
    // It may have SIGTERM blocked from whoever started the tests, and would hold their output for a minute.
    defer { kill(child.processIdentifier, SIGKILL) }
    try write(["\(child.processIdentifier) 42"], to: "bot.pid")
    let fields: [String: Value] = [
      "kind": .string("environment"), "pid_file": .string("bot.pid"), "file": .string("bot.env"),
    ]
    #expect(try await finding(fields).contains("the environment file cannot be read"))
    try write(["# nothing"], to: "bot.env")
    #expect(try await finding(fields) == "UNKNOWN tokyo.it web1: bot.env sets no variable")
    try write(["A=1", " export SECRET='hidden'", "QUOTED=\"two words\"", "; x", ""], to: "bot.env")
    #expect(try await finding(fields) == "OK tokyo.it web1: 0 variables; OK is exactly 0")
    try write(["A=2", "SECRET=other", "NEW=1"], to: "bot.env")
    let wrong = try await finding(fields)
    #expect(wrong == "BAD tokyo.it web1: 3 variables; BAD is 1 or more")
    try write(["0 0"], to: "bot.pid")
    #expect(try await finding(fields) == "UNKNOWN tokyo.it web1: the command exited with status 3: no process runs")
  }
}
