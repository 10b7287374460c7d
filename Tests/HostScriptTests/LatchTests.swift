import Foundation
import HostScript
import Subprocess
import Testing

/// What a latch does to a change: refused before it begins, with the bot as it was.
@Suite(.timeLimit(.minutes(5))) struct LatchTests {
  @Test(arguments: Subject.all, ["close_only", "halt_all"])
  func `a latch refuses swap, restart and start, and the bot stays as it is`(
    _ subject: Subject,
    mode: String
  ) async throws {
    try await subject.with { host in
      let latch = ["latch", "--bots", "bot1", "--mode", mode, "--who", "alice", "--reason", "close"]
      #expect(try await host.ask(latch).results.map(\.outcome) == [mode == "halt_all" ? .stopped : .unchanged])
      let v2 = try await host.image("v2")
      let before = try #require(try await host.ask(["inspect", "--bots", "bot1"]).bots.first)
      #expect(before.state == (mode == "halt_all" ? .down : .running))
      #expect(before.markMode == mode)
      for words in [["swap"] + v2.options, ["restart", "--settle", "0"], ["start", "--settle", "0"]] {
        let answer = try await host.ask(words + ["--bots", "bot1"])
        #expect(answer.status == 0)
        let result = try #require(try answer.results.first)
        #expect(result.outcome == .refused)
        #expect(result.detail == "has a latch (\(mode), set by alice: close); lift it first")
        #expect(result.before == nil && !result.wasKilled)
        let after = try await host.ask(["inspect", "--bots", "bot1"]).bots.first
        #expect(after?.state == before.state && after?.pid == before.pid && after?.digest == before.digest)
      }
      let same = ["swap", "--bots", "bot1", "--image", "v1", "--digest", before.digest, "--source", "none"]
      let there = try await host.ask(same).results.map(\.outcome)
      #expect(there == [mode == "close_only" ? .unchanged : .refused])
      let both = try await host.ask(["swap", "--bots", "bot1 bot2"] + v2.options)
      #expect(try both.results.map(\.outcome) == [.refused, .swapped])
      #expect(try both.results.map(\.before).first == .some(nil))
    }
  }

  @Test(arguments: Subject.all) func `a later swap clears a mark of mode stop`(_ subject: Subject) async throws {
    try await subject.with { host in
      _ = try await host.ask(["latch", "--bots", "bot1", "--mode", "stop"])
      let v2 = try await host.image("v2")
      #expect(try await host.ask(["swap", "--bots", "bot1"] + v2.options).results.map(\.outcome) == [.swapped])
      let bot = try await host.ask(["inspect", "--bots", "bot1"]).bots.first
      #expect(bot?.state == .running && bot?.mark == nil && bot?.markMode == nil)
    }
  }

  @Test(arguments: ["close_only", "halt_all"])
  func `a bot that was started by hand under a latch is not ended by a change`(mode: String) async throws {
    try await TestHost.with { host in
      try await host.swap("v1", try await host.image("v1"))
      try host.mark("bot1", "at=1000\nwho=alice\nmode=\(mode)\nreason=x\ngrace=0\n")
      let running = host.processes
      #expect(try await host.run(["restart", "--bots", "bot1"]).results.map(\.outcome) == [.refused])
      #expect(host.processes == running && running.count == 1)
    }
  }

  @Test func `close_only in the settle window: the new version runs on and is watched to the end`() async throws {
    try await TestHost.with { host in
      try await host.swap("v1", try await host.image("v1"))
      let v2 = try await host.image("v2")
      async let swap = host.swap("v2", v2, ["--settle", "3", "--run", "r1", "--epoch", "1000"])
      try await host.until { host.contents(".opsh/runs/r1/swap.out").contains("state=settle") }
      try host.mark("bot1", closeOnly)
      #expect(try await swap.results.map(\.outcome) == [.swapped])
      #expect(try await host.bot().digest == v2)
      #expect(host.processes.count == 1)
    }
  }

  @Test func `close_only while the old version ends: it is put back and nothing is started`() async throws {
    try await TestHost.with { host in
      let v1 = try await host.image("v1", behaviour: "deaf")
      try await host.swap("v1", v1)
      let v2 = try await host.image("v2")
      async let swap = host.swap("v2", v2, ["--stop", "10", "--run", "r1", "--epoch", "1000"])
      try await host.until { FileManager.default.fileExists(atPath: "\(host.root)/bot1/stopped") }
      try host.mark("bot1", closeOnly)
      let result = try #require(try await swap.results.first)
      #expect(result.outcome == .stoppedBy)
      #expect(result.detail == "latched by alice: x (close_only, until it is lifted)")
      #expect(host.processes.isEmpty)
      let bot = try await host.bot()
      #expect(bot.digest == v1 && !bot.hasPrevious && bot.unfinishedSwap == nil)
    }
  }

  @Test func `a version that fails by itself under close_only is a failure`() async throws {
    try await TestHost.with { host in
      let v1 = try await host.image("v1")
      try await host.swap("v1", v1)
      let v2 = try await host.image("v2")
      async let swap = host.swap("v2", v2, ["--settle", "60", "--run", "r1", "--epoch", "1000"])
      try await host.until { host.contents(".opsh/runs/r1/swap.out").contains("state=settle") }
      try host.mark("bot1", closeOnly)
      for process in host.processes { kill(process, SIGKILL) }
      let result = try #require(try await swap.results.first)
      #expect(result.outcome == .down)
      let why = "latched by alice: x (close_only, until it is lifted); before that: bot1 "
      #expect(result.detail?.hasPrefix(why) == true, "\(result)")
      #expect(host.processes.isEmpty)
      #expect(try await host.bot().digest == v1)
    }
  }

  private let closeOnly = "at=\(Int(Date().timeIntervalSince1970))\nwho=alice\nmode=close_only\nreason=x\ngrace=0\n"
}
