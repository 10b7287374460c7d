import Foundation
import HostScript
import Subprocess
import Testing

struct SwapTests {
  @Test(arguments: Shell.installed)
  func `a bot moves to the new version in one piece`(shell: Shell) async throws {
    try await TestHost.with(shell) { host in
      let v1 = try await host.image("v1")
      let v2 = try await host.image("v2")
      #expect(try await host.swap("v1", v1, bots: "bot1 bot2").status == 0)
      let answer = try await host.swap("v2", v2, bots: "bot1 bot2", ["--login-wait", "20"])
      #expect(answer.status == 0, "\(answer)")
      #expect(try answer.results.map(\.outcome) == [.swapped, .swapped])
      #expect(try answer.results.map(\.digest) == [v2, v2])
      #expect(try answer.results.map(\.before) == [v1, v1])
      let facts = try HostFacts(try #require(try await host.run(["facts"]).lines.first))
      #expect(facts.kept == [v2, v1].map { String($0.dropFirst(7)) })
      let states = answer.lines.filter { $0.subject == "bot1" && $0.kind == .step }.map { $0["state"] }
      #expect(states == ["stop", "rename", "start", "settle", "login", "confirm"])
      let bot = try await host.bot()
      #expect(bot.state == .running && bot.digest == v2 && bot.image == "v2" && !bot.hasPrevious && bot.login == .yes)
      #expect(host.processes.count == 2)
      #expect(host.contents("bots/bot1/log/previous.log").contains("bot1 begins"))
    }
  }

  @Test func `a bot that already runs the target is left alone`() async throws {
    try await TestHost.with { host in
      let v1 = try await host.image("v1")
      try await host.swap("v1", v1)
      let before = host.processes
      let answer = try await host.swap("v1", v1)
      #expect(try answer.results.map(\.outcome) == [.unchanged])
      #expect(host.processes == before)
    }
  }

  @Test func `an image with another digest touches nothing`() async throws {
    try await TestHost.with { host in
      let v1 = try await host.image("v1")
      try await host.swap("v1", v1)
      let before = host.processes
      _ = try await host.image("v2")
      let wrong = "sha256:" + String(repeating: "0", count: 64)
      let answer = try await host.swap("v2", wrong)
      #expect(answer.status == 1)
      #expect(answer.code == "image.digest_mismatch")
      #expect(try answer.results.map(\.outcome) == [.failed])
      #expect(host.processes == before)
      #expect(try FileManager.default.contentsOfDirectory(atPath: "\(host.root)/images").count == 1)
    }
  }

  @Test func `an image that cannot be read touches nothing`() async throws {
    try await TestHost.with { host in
      let v1 = try await host.image("v1")
      try await host.swap("v1", v1)
      let before = host.processes
      let answer = try await host.swap("absent", "sha256:" + String(repeating: "1", count: 64))
      #expect(answer.status == 1)
      #expect(answer.code == "image.unreadable")
      #expect(host.processes == before)
    }
  }

  @Test func `a full disk is noticed before anything is touched`() async throws {
    try await TestHost.with { host in
      let v1 = try await host.image("v1")
      // Written by a process of its own: a program that this process still holds open for another child cannot be run.
      let script =
        "mkdir fake && printf '#!/bin/sh\\necho head; echo /dev/x 100 99 1 99%% /\\n' >fake/df && chmod 755 fake/df"
      let written = try await Subprocess(path: "/bin/sh", arguments: ["-c", "cd '\(host.home)' && \(script)"]).run()
      #expect(written.status == 0)
      let answer = try await host.run(
        host.swapArguments("v1", v1, bots: "bot1"),
        environment: ["PATH": "\(host.home)/fake:/usr/bin:/bin"]
      )
      #expect(answer.status == 4)
      #expect(answer.code == "host.disk_full")
      #expect(!host.exists("bots/bot1"))
    }
  }

  @Test(arguments: Shell.installed, ["crash", "fade"])
  func `a version that does not live through the settle window is taken back`(
    shell: Shell,
    behaviour: String
  ) async throws {
    try await TestHost.with(shell) { host in
      let v1 = try await host.image("v1")
      let bad = try await host.image("bad", behaviour: behaviour)
      try await host.swap("v1", v1)
      let answer = try await host.swap("bad", bad, ["--settle", "3"])
      #expect(answer.status == 1)
      let result = try #require(try answer.results.first)
      #expect(result.outcome == .rolledBack && result.digest == v1)
      #expect(result.detail?.contains(behaviour == "crash" ? "status 3" : "status 4") == true)
      #expect(result.log?.contains(behaviour == "crash" ? "the\tstrategy: 100% broken" : "begins") == true)
      let bot = try await host.bot()
      #expect(bot.state == .running && bot.digest == v1 && !bot.hasPrevious)
      #expect(host.processes.count == 1)
    }
  }

  @Test func `a bot that ignores SIGTERM is killed after the grace, and that is told`() async throws {
    try await TestHost.with { host in
      let deaf = try await host.image("deaf", behaviour: "deaf")
      let v2 = try await host.image("v2")
      try await host.swap("deaf", deaf)
      try await host.until { host.contents("bots/bot1/log/bot.log").contains("begins") }
      let answer = try await host.swap("v2", v2, ["--stop", "1"])
      #expect(try answer.results.map(\.wasKilled) == [true])
      #expect(try answer.results.map(\.outcome) == [.swapped])
    }
  }

  @Test func `only the current image and the one before it are kept`() async throws {
    try await TestHost.with { host in
      for name in ["v1", "v2", "v3"] { try await host.swap(name, try await host.image(name)) }
      let left = try FileManager.default.contentsOfDirectory(atPath: "\(host.root)/images")
      #expect(left.count == 2)
      #expect(host.contents("bots/images/\(left[0])/.image").contains("name=v1") == false)
      #expect(host.contents("bots/images/\(left[1])/.image").contains("name=v1") == false)
    }
  }

  @Test func `where a bot stays down the others are left as they are`() async throws {
    try await TestHost.with { host in
      let v1 = try await host.image("v1")
      _ = try await host.run(host.swapArguments("v1", v1, bots: "bot1 bot2"))
      // From now on this host runs no version at all.
      let installed = "\(host.root)/images/\(v1.dropFirst("sha256:".count))/behaviour"
      try "crash".write(toFile: installed, atomically: true, encoding: .utf8)
      let v2 = try await host.image("v2", behaviour: "crash")
      let answer = try await host.run(host.swapArguments("v2", v2, bots: "bot1 bot2", ["--settle", "3"]))
      #expect(try answer.results.map(\.outcome) == [.down, .failed])
      #expect(try answer.results.last?.detail == "not touched: bot1 is down")
      #expect(host.processes.count == 1)
    }
  }

  @Test(arguments: Shell.installed)
  func `a way back that fails half way keeps what it knows, and is finished later`(shell: Shell) async throws {
    try await TestHost.with(shell) { host in
      let v1 = try await host.image("v1")
      try await host.swap("v1", v1)
      let v2 = try await host.image("v2")
      async let swap = host.swap("v2", v2, ["--settle", "60", "--run", "r1"])
      try await host.until {
        host.contents(".opsh/runs/r1/swap.out").contains("state=settle") && host.processes.count == 1
      }
      // The file that keeps a bot from coming up cannot be made, as on a disk without inodes.
      try FileManager.default.createDirectory(atPath: "\(host.root)/bot1/stopped", withIntermediateDirectories: false)
      for process in host.processes { kill(process, SIGKILL) }
      #expect(try await swap.results.map(\.outcome) == [.down])
      let v3 = try await host.image("v3")
      let blocked = try await host.swap("v3", v3)
      #expect(try blocked.results.map(\.outcome) == [.failed])
      let why = try #require(try blocked.results.first?.detail)
      #expect(why.hasPrefix("an earlier swap could not be reverted: cannot write in"), "\(why)")
      let start = try await host.run(["start", "--bots", "bot1", "--settle", "0"])
      #expect(try start.results.map(\.outcome) == [.failed])
      let left = try await host.bot()
      #expect(left.hasPrevious && left.unfinishedSwap == "undo" && host.processes.isEmpty)
      try FileManager.default.removeItem(atPath: "\(host.root)/bot1/stopped")
      let free = try await host.swap("v3", v3)
      #expect(try free.results.map(\.outcome) == [.swapped] && free.results.map(\.before) == [v1])
      #expect(!host.exists(".opsh/swap/bot1"))
    }
  }

  @Test func `a bot is stopped, started and restarted on request`() async throws {
    try await TestHost.with { host in
      try await host.swap("v1", try await host.image("v1"))
      let first = host.processes
      let change = ["--bots", "bot1", "--settle", "0"]
      #expect(try await host.run(["restart"] + change).results.map(\.outcome) == [.restarted])
      #expect(host.processes.count == 1 && host.processes != first)
      #expect(try await host.run(["stop"] + change).results.map(\.outcome) == [.stopped])
      #expect(try await host.bot().state == .down)
      #expect(host.processes.isEmpty)
      #expect(try await host.run(["start"] + change).results.map(\.outcome) == [.started])
      #expect(try await host.bot().state == .running)
    }
  }
}
