import Foundation
import HostScript
import OpshLab
import Subprocess
import Testing

/// The systemd runtime on a systemd of its own: what the contract does not speak of.
@Suite(.enabled(if: UnitHost.obstacle == nil, "hosts with systemd need root")) struct UnitTests {
  @Test(arguments: Shell.installed) func `a version that does not live is taken back, and its log is kept`(
    _ shell: Shell
  ) async throws {
    try await TestHost.withUnits(shell) { host, units in
      let v1 = try await host.image("v1")
      try await host.swap("v1", v1)
      let bad = try await host.image("bad", behaviour: "crash")
      let result = try #require(try await host.swap("bad", bad, ["--settle", "2"]).results.first)
      #expect(result.outcome == .rolledBack && result.digest == v1)
      #expect(result.detail?.contains("ended with status 3") == true)
      #expect(result.log?.contains("the\tstrategy: 100% broken") == true)
      let bot = try await host.bot()
      #expect(bot.state == .running && bot.digest == v1 && bot.restarts == 0 && bot.login == .yes)
      #expect(units.processes(of: "bot1").count == 1)
      let fade = try await host.image("fade", behaviour: "fade")
      let faded = try #require(try await host.swap("fade", fade, ["--settle", "3"]).results.first)
      #expect(faded.outcome == .rolledBack && faded.detail?.contains("ended with status 4") == true)
    }
  }

  @Test func `the journal is read by its fields, from a place on`() async throws {
    try await TestHost.withUnits { host, _ in
      try await host.swap("v1", try await host.image("v1"))
      try await host.until { true }
      let all = try await host.run(["logs", "--bots", "bot1", "--lines", "50"])
      #expect(all.lines.contains { $0["line"] == "bot1 begins" })
      let place = try #require(try await host.run(["logs", "--bots", "bot1", "--after", "end"]).lines.first?["place"])
      #expect(place.hasPrefix("s."))
      let none = try await host.run(["logs", "--bots", "bot1", "--after", place])
      #expect(none.status == 0 && none.lines.allSatisfy { $0["line"] == nil }, "\(none.text)")
      _ = try await host.run(["restart", "--bots", "bot1", "--settle", "1"])
      let since = try await host.run(["logs", "--bots", "bot1", "--after", place, "--find", "begins"])
      #expect(since.lines.compactMap { $0["line"] } == ["bot1 begins"])
      // What has not written yet has a place, too.
      let fresh = try await host.run(["logs", "--bots", "bot9", "--after", "end"])
      #expect(fresh.lines.first?["place"] == "0.0")
    }
  }

  @Test func `a crash loop is no health, and a stop ends it`() async throws {
    try await TestHost.withUnits { host, units in
      try host.unit("loop", "[Service]\nExecStart=/bin/sh -c 'exit 3'\nRestart=on-failure\nRestartSec=5\n")
      let start = try #require(try await host.run(["start", "--bots", "loop", "--settle", "1"]).results.first)
      #expect(start.outcome == .down)
      #expect(start.detail == "loop ended with status 3 (restarts: 0; systemd starts it again after 5s)")
      let bot = try await host.bot("loop")
      #expect(bot.state == .crashed && bot.detail?.contains("ended with status 3") == true)
      #expect(try await host.run(["stop", "--bots", "loop"]).results.first?.outcome == .stopped)
      #expect(try await host.bot("loop").state == .down)
    }
  }

  @Test func `a stop leaves nothing in the control group, whatever the unit's KillMode`() async throws {
    try await TestHost.withUnits { host, units in
      try host.unit(
        "kids",
        "[Service]\nType=forking\nKillMode=process\nExecStart=/bin/sh -c 'sleep 777 & sleep 778 & exit 0'\n"
      )
      #expect(try await host.run(["start", "--bots", "kids", "--settle", "0"]).results.first?.outcome == .started)
      #expect(units.processes(of: "kids").count == 2)
      // By hand: systemd calls it inactive, and both go on.
      _ = try await host.systemctl("stop", "kids")
      let left = try await host.bot("kids")
      #expect(left.state == .crashed)
      #expect(left.detail?.hasPrefix("its unit is inactive; processes are left in its control group: ") == true)
      #expect(try await host.run(["stop", "--bots", "kids", "--stop", "2"]).results.first?.outcome == .stopped)
      #expect(units.processes(of: "kids").isEmpty)
      #expect(try await host.bot("kids").state == .down)

      let deaf = try await host.image("deaf", behaviour: "deaf")
      try await host.swap("deaf", deaf)
      let stop = try #require(try await host.run(["stop", "--bots", "bot1", "--stop", "1"]).results.first)
      #expect(stop.outcome == .stopped && stop.wasKilled)
      #expect(try await host.bot().state == .down)
    }
  }

  @Test func `what was changed by hand is named, runs when it is restarted, and is not overwritten`() async throws {
    try await TestHost.withUnits { host, _ in
      try await host.swap("v1", try await host.image("v1"))
      #expect(try await host.bot().drift == nil)
      let file = ".config/systemd/user/bot1.service"
      let path = "\(host.home)/\(file)"
      // The flag of systemd misses an edit that keeps the time of the file.
      let time = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate]
      try host.write(host.contents(file).replacing("RestartSec=5", with: "RestartSec=7"), to: file)
      try FileManager.default.setAttributes([.modificationDate: time as Any], ofItemAtPath: path)
      #expect(try await host.bot().drift?.hasPrefix("\(UnitHost.home)/\(file) was changed by hand") == true)
      let v2 = try await host.image("v2")
      let swap = try #require(try await host.swap("v2", v2).results.first)
      #expect(
        swap.outcome == .failed && swap.detail?.contains("was changed by hand; put the change into the site") == true
      )
      #expect(try await host.run(["restart", "--bots", "bot1", "--settle", "0"]).results.first?.outcome == .restarted)
      #expect(try await host.systemctl("show", "-p", "RestartUSec", "bot1").text == "RestartUSec=7s\n")
      #expect(host.contents(file).contains("RestartSec=7"))

      try FileManager.default.removeItem(atPath: path)
      #expect(try await host.bot().drift?.contains("its unit file is gone, and it runs on") == true)
      try host.write("[Service]\nNice=5\n", to: ".config/systemd/user/bot1.service.d/nice.conf")
      #expect(try await host.swap("v2", v2).results.first?.outcome == .swapped)
      #expect(try await host.bot().drift?.hasSuffix("bot1.service.d/nice.conf was added by hand") == true)
    }
  }

  @Test func `a unit that is masked or does not exist is not started, and a masked one is not stopped for it`()
    async throws
  {
    try await TestHost.withUnits { host, units in
      try await host.swap("v1", try await host.image("v1"))
      let absent = try await host.run(["start", "--bots", "bot9"])
      #expect(try absent.results.first?.detail == "no bot bot9 on this host")
      let path = "\(host.home)/.config/systemd/user/bot1.service"
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/null")
      for words in [["restart", "--bots", "bot1"], try await host.swapArguments("v2", host.image("v2"), bots: "bot1")] {
        let result = try #require(try await host.run(words).results.first)
        #expect(result.outcome == .failed)
        #expect(result.detail == "bot1: its unit is masked; run `systemctl --user unmask bot1.service`")
      }
      #expect(units.processes(of: "bot1").count == 1)
      #expect(try await host.bot().drift?.hasPrefix("its unit is masked") == true)
    }
  }

  @Test func `lines for unit files that systemd does not understand are refused before anything is stopped`()
    async throws
  {
    try await TestHost.withUnits(settings: ["UNIT": "[Service]\nRestartSec=abc"]) { host, units in
      let result = try #require(try await host.swap("v1", try await host.image("v1")).results.first)
      #expect(result.outcome == .failed)
      #expect(result.detail?.contains("its unit file is not valid") == true, "\(result)")
      #expect(!host.exists(".config/systemd/user/bot1.service"))
      #expect(units.processes(of: "bot1").isEmpty)
    }
  }

  @Test func `a latch holds whoever starts the unit`() async throws {
    try await TestHost.withUnits { host, _ in
      try await host.swap("v1", try await host.image("v1"))
      #expect(try await host.run(["latch", "--bots", "bot1", "--mode", "halt_all"]).status == 0)
      #expect(try await host.systemctl("start", "bot1").status == 1)
      #expect(try await host.bot().state == .down)
      #expect(try await host.run(["start", "--bots", "bot1"]).results.first?.outcome == .refused)
      #expect(try await host.run(["latch", "--bots", "bot1", "--lift"]).status == 0)
      #expect(try await host.run(["start", "--bots", "bot1", "--settle", "0"]).results.first?.outcome == .started)
    }
  }
}

extension TestHost {
  /// Writes a file that belongs to the account of the units.
  func write(_ text: String, to path: String) throws {
    let file = URL(filePath: "\(home)/\(path)")
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: false, encoding: .utf8)
    try units?.own("\(home)/.config")
  }

  /// A unit of the host's own.
  func unit(_ name: String, _ text: String) throws { try write(text, to: ".config/systemd/user/\(name).service") }

  @discardableResult
  func systemctl(_ words: String...) async throws -> (status: Int32?, text: String) {
    let ending = try await ending(["systemctl", "--user"] + words)
    return (ending.status, String(decoding: ending.output, as: UTF8.self))
  }
}
