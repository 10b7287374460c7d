import Foundation
import Glibc
import PostgresTesting
import PseudoTerminal
import Subprocess
import Testing

/// `opsh watch` as a process: notices leave it, it ends when told to, and being killed loses nothing.
@Suite(.serialized, .timeLimit(.minutes(5))) struct WatchProcessTests {
  /// A process that runs until the test ends it.
  private final class Running: Sendable {
    let process: Process
    let output: String

    init(_ place: WatchPlace, name: String = "out") throws {
      let command = place.command(["watch"])
      output = "\(place.directory)/\(name)"
      _ = FileManager.default.createFile(atPath: output, contents: nil)
      process = Process()
      process.executableURL = URL(filePath: command.path)
      process.arguments = command.arguments
      process.environment = command.environment
      let file = try FileHandle(forWritingTo: URL(filePath: output))
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = file
      process.standardError = file
      try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    var text: String { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" }

    func end(_ signal: Int32) -> Int32 {
      kill(process.processIdentifier, signal)
      process.waitUntilExit()
      return process.terminationStatus
    }
  }

  /// Looks until it holds; a minute is the end of the test.
  private func wait(for what: String, _ condition: () -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while !condition() {
      try #require(ContinuousClock.now < end, "\(what) did not come")
      try await ContinuousClock().sleep(for: .milliseconds(20))
    }
  }

  @Test(arguments: JournalKind.allCases)
  func `a look from cron tells a finding once, and its end once`(kind: JournalKind) async throws {
    let place = try await WatchPlace(kind)
    for (line, told) in [
      ("INFO", []), ("ERROR", ["raised"]), ("ERROR", ["raised"]), ("INFO", ["raised", "resolved"]),
      ("INFO", ["raised", "resolved"]),
    ] {
      try place.log(line)
      let ending = try await place.opsh("watch", "--once")
      #expect(ending.status == 0, "\(ending.text)\(ending.problem)")
      #expect(place.told == told)
    }
    #expect(try await place.opsh("check", "watch.age").text.hasPrefix("OK:"))
    #expect(try await place.opsh("check", "watch.outbox").status == 0)
  }

  @Test(arguments: JournalKind.allCases)
  func `killed between sending and writing it down, it sends again under the same id`(kind: JournalKind) async throws {
    let script = #"cat >>"$1/told"; [ -e "$1/second" ] || { : >"$1/second"; kill -9 $PPID; }"#
    let place = try await WatchPlace(kind, notifier: script)
    try place.log("ERROR")
    #expect(try await place.opsh("watch", "--once").signal == SIGKILL)
    #expect(try await place.opsh("watch", "--once").status == 0)
    #expect(place.told == ["raised", "raised"] && Set(place.ids).count == 1)
    #expect(try await place.opsh("watch", "--once").status == 0)
    #expect(place.told.count == 2)
  }

  @Test(arguments: JournalKind.allCases)
  func `killed before anything was sent, it sends at the next start`(kind: JournalKind) async throws {
    let script = #"[ -e "$1/second" ] || { : >"$1/second"; kill -9 $PPID; exit 1; }; cat >>"$1/told""#
    let place = try await WatchPlace(kind, notifier: script)
    try place.log("ERROR")
    #expect(try await place.opsh("watch", "--once").signal == SIGKILL)
    #expect(place.told == [])
    #expect(try await place.opsh("watch", "--once").status == 0)
    #expect(place.told == ["raised"])
  }

  @Test(arguments: JournalKind.allCases)
  func `SIGTERM ends it cleanly, and one line tells of each change`(kind: JournalKind) async throws {
    let place = try await WatchPlace(kind)
    let watch = try Running(place)
    try await wait(for: "the start") { watch.text.contains("opsh watch: watching ") }
    try place.log("ERROR x")
    try await wait(for: "the notice") { place.told == ["raised"] }
    try place.log("INFO x")
    try await wait(for: "the end") { place.told == ["raised", "resolved"] }
    #expect(watch.end(SIGTERM) == 0)
    let lines = watch.text.split(separator: "\n").filter { $0.contains("desk.errors") }
    #expect(
      lines.count == 2 && lines[0].contains(" BAD desk.errors me: 1 lines") && lines[1].contains(" OK "),
      "\(lines)"
    )
    // Nobody has to wait for it.
    #expect(try await !place.opsh("watch", "--once").text.contains("watches"))
  }

  @Test(arguments: JournalKind.allCases)
  func `when the one that watches is killed, the other takes over`(kind: JournalKind) async throws {
    let place = try await WatchPlace(kind)
    let first = try Running(place)
    try await wait(for: "the start") { first.text.contains("watching ") }
    let second = try Running(place, name: "second")
    try await wait(for: "the second") { second.text.contains(" watches; waiting to take over") }
    try place.log("ERROR")
    try await wait(for: "the notice") { place.told == ["raised"] }
    // It may not have written down yet that the notice was delivered.
    _ = first.end(SIGKILL)
    try await wait(for: "the take-over") { second.text.contains("opsh watch: watching ") }
    try place.log("INFO")
    try await wait(for: "the end") { place.toldOnce == ["raised", "resolved"] }
    #expect(second.end(SIGTERM) == 0)
    #expect(place.toldOnce == ["raised", "resolved"] && place.told.count <= 3)
  }

  @Test func `a notifier that hangs, fails or prints without end is named, and the notice waits`() async throws {
    for (script, words) in [
      ("exec sleep 60", "it did not finish within 0.2 s"),
      ("while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyy; done", "it printed more than 1 MiB"),
      ("echo no network >&2; exit 3", "it exited with status 3: no network"), ("kill -9 $$", "signal 9 ended it"),
    ] {
      let place = try await WatchPlace(notifier: script)
      let site = place.read("site.lua").replacing(
        #"deadline = "10s""#,
        with: #"deadline = "\#(words.contains("0.2") ? "200ms" : "10s")""#
      )
      try place.write(site, to: "site.lua")
      try place.log("ERROR")
      let ending = try await place.opsh("watch", "--once")
      #expect(ending.text.contains("notify pager: sh: \(words)"), "\(ending.text)\(ending.problem)")
      let check = try await place.opsh("check", "watch.outbox", "--json")
      #expect(check.text.contains(#""waiting":{"pager":1}"#), "\(check.text)")
    }
  }

  @Test func `a route to nobody is an error with its line`() async throws {
    let place = try await WatchPlace()
    try place.write(place.read("site.lua").replacing(#"to = { "pager" }"#, with: #"to = { "pagre" }"#), to: "site.lua")
    let ending = try await place.opsh("watch", "--once")
    #expect(ending.status == 65)
    #expect(
      ending.problem.contains("site.lua:5: routes[1].to[1]: expected a notifier, got 'pagre'"),
      "\(ending.problem)"
    )
    #expect(ending.problem.contains("did you mean 'pager'?"))
  }

  @Test func `the unit is one that systemd reads`() async throws {
    let place = try await WatchPlace()
    let ending = try await place.opsh("watch", "--unit", "desk.*")
    #expect(ending.status == 0, "\(ending.problem)")
    try place.write(ending.text, to: "opsh-watch.service")
    var verify = Subprocess(
      path: "/usr/bin/systemd-analyze",
      arguments: ["verify", "--user", "\(place.directory)/opsh-watch.service"],
      environment: PseudoTerminal.environment(["XDG_RUNTIME_DIR": place.directory, "HOME": place.directory])
    )
    verify.timeout = .seconds(30)
    let verified = try await verify.run()
    #expect(verified.status == 0 && !verified.problem.contains("opsh-watch.service:"), "\(verified.problem)")
  }

  @Test func `the site of docs watch md is whole, and its event has the fields of a real one`() async throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/watch.md")
    let page = try String(contentsOf: file, encoding: .utf8)
    func block(_ language: String) throws -> String {
      let start = try #require(page.range(of: "```\(language)\n"))
      let end = try #require(page[start.upperBound...].range(of: "```"))
      return String(page[start.upperBound..<end.lowerBound])
    }
    let place = try await WatchPlace()
    try place.log("ERROR")
    try await place.opsh("watch", "--once")
    let told = try #require(place.read("told").split(separator: "\n").first)
    let (real, shown) = (Data(told.utf8), Data(try block("json").utf8))
    let keys = try [real, shown].map { data in
      try #require(JSONSerialization.jsonObject(with: data) as? [String: Any]).keys.sorted()
    }
    #expect(keys[0] == keys[1])
    try place.write(try block("lua"), to: "site.lua")
    let check = try await place.opsh("check", "watch.age")
    #expect(check.text == "UNKNOWN: 1 finding: 1 UNKNOWN\nUNKNOWN watch.age: `opsh watch` never ran on this journal\n")
  }
}
