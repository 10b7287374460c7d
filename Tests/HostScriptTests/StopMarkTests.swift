import Foundation
import HostScript
import Subprocess
import Testing

@Suite(.timeLimit(.minutes(5))) struct StopMarkTests {
  @Test(arguments: Shell.installed)
  func `a swap that waits for a bot obeys a stop at once`(shell: Shell) async throws {
    try await TestHost.with(shell) { host in
      try await host.swap("v1", try await host.image("v1", behaviour: "deaf"), bots: "bot1 bot2")
      let v2 = try await host.image("v2")
      async let swap = host.swap("v2", v2, bots: "bot1 bot2", ["--stop", "60", "--run", "r1", "--epoch", "1000"])
      try await host.until { host.contents(".opsh/runs/r1/swap.out").contains("state=stop") }
      let start = ContinuousClock.now
      let stop = try await host.lane("bot1 bot2", ["--who", "alice", "--reason", "wrong prices", "--stop", "1"])
      #expect(stop.status == 0, "\(stop)")
      #expect(stop.lines.first { $0.kind == .host }?["run"] == "r1")
      #expect(Set(try stop.results.map(\.outcome)) == [.stopped])
      #expect(try stop.results.allSatisfy { $0.wasKilled })
      let answer = try await swap
      #expect(ContinuousClock.now - start < .seconds(20))
      #expect(try answer.results.map(\.outcome) == [.stoppedBy, .stoppedBy])
      #expect(try answer.results.map(\.detail) == Array(repeating: "stopped by alice: wrong prices", count: 2))
      #expect(host.processes.isEmpty)
      let bot = try await host.bot()
      #expect(bot.state == .down && bot.image == "v1" && !bot.hasPrevious && bot.unfinishedSwap == nil)
      #expect(bot.mark == "stopped by alice: wrong prices")
    }
  }

  @Test(arguments: ["settle", "login"])
  func `a swap that watches the new version obeys a stop, and the old one is put back`(phase: String) async throws {
    try await TestHost.with { host in
      let v1 = try await host.image("v1")
      try await host.swap("v1", v1)
      let v2 = try await host.image("v2", behaviour: "mute")
      let timing = phase == "settle" ? ["--settle", "60"] : ["--settle", "0", "--login-wait", "60"]
      async let swap = host.swap("v2", v2, timing + ["--run", "r1", "--epoch", "1000"])
      try await host.until { host.contents(".opsh/runs/r1/swap.out").contains("state=settle") }
      let stop = try await host.lane("bot1")
      #expect(try stop.results.map(\.outcome) == [.stopped])
      let answer = try await swap
      #expect(try answer.results.map(\.outcome) == [.stoppedBy])
      #expect(host.processes.isEmpty)
      #expect(try await host.bot().digest == v1)
    }
  }

  @Test func `a mark whose writer did not come so far is obeyed all the same`() async throws {
    try await TestHost.with { host in
      try await host.swap("v1", try await host.image("v1"))
      let v2 = try await host.image("v2")
      async let swap = host.swap("v2", v2, ["--settle", "60", "--run", "r1", "--epoch", "1000"])
      try await host.until { host.contents(".opsh/runs/r1/swap.out").contains("state=settle") }
      try host.mark("bot1", "at=\(Int(Date().timeIntervalSince1970))\nwho=alice\nmode=stop\nreason=x\ngrace=0\n")
      #expect(try await swap.results.map(\.outcome) == [.stoppedBy])
      #expect(host.processes.isEmpty)
    }
  }

  @Test func `a worker that hangs is not waited for, and obeys when it goes on`() async throws {
    try await TestHost.with { host in
      try await host.swap("v1", try await host.image("v1"))
      let v2 = try await host.image("v2", behaviour: "deaf")
      async let swap = host.swap("v2", v2, ["--settle", "60", "--run", "r1", "--epoch", "1000"])
      try await host.until { host.contents(".opsh/runs/r1/swap.out").contains("state=settle") }
      let worker = try #require(host.number(".opsh/runs/r1/swap.pid"))
      kill(worker, SIGSTOP)
      let stop = try await host.lane("bot1", ["--stop", "1"])
      #expect(try stop.results.map(\.outcome) == [.stopped])
      #expect(host.processes.isEmpty)
      kill(worker, SIGCONT)
      #expect(try await swap.results.map(\.outcome) == [.stoppedBy])
      #expect(host.processes.isEmpty)
    }
  }

  @Test(arguments: Shell.installed)
  func `a mark binds what was granted before it, and a later start clears it`(shell: Shell) async throws {
    try await TestHost.with(shell) { host in
      try await host.swap("v1", try await host.image("v1"))
      let at = Int(Date().timeIntervalSince1970)
      try await host.lane("bot1", ["--at", "\(at)"])
      for epoch in [(at - 1) * 65_536 + 9, at - 1] {
        let early = try await host.run(["start", "--bots", "bot1", "--settle", "0", "--epoch", "\(epoch)"])
        #expect(try early.results.map(\.outcome) == [.stoppedBy], "\(epoch)")
        #expect(early.status == 0)
        #expect(host.processes.isEmpty)
        try? FileManager.default.removeItem(atPath: "\(host.home)/.opsh/epoch")
      }
      let late = try await host.run(["start", "--bots", "bot1", "--settle", "0", "--epoch", "\((at + 1) * 65_536)"])
      #expect(try late.results.map(\.outcome) == [.started])
      #expect(host.processes.count == 1)
      #expect(!host.exists(".opsh/stop/bot1"))
    }
  }

  @Test func `a run that was at work on the host is bound, whatever the clocks say`() async throws {
    try await TestHost.with { host in
      // The grant's clock is an hour ahead of whoever stops.
      let epoch = (Int(Date().timeIntervalSince1970) + 100) * 65_536
      try await host.swap("v1", try await host.image("v1"), ["--epoch", "\(epoch)"])
      try await host.lane("bot1")
      let again = try await host.run(["start", "--bots", "bot1", "--epoch", "\(epoch)"])
      #expect(try again.results.map(\.outcome) == [.stoppedBy])
    }
  }

  @Test func `a run may start what it stopped itself, and nothing that somebody else stopped`() async throws {
    try await TestHost.with { host in
      try await host.swap("v1", try await host.image("v1"), bots: "bot1 bot2")
      let at = Int(Date().timeIntervalSince1970)
      let granted = ["--epoch", "\((at - 60) * 65_536)"]
      try await host.lane("bot1", ["--run", "20261121-114502-0000000a"] + granted)
      let own = ["--run", "20261121-114502-0000000a-d1", "--settle", "0"] + granted
      #expect(try await host.run(["start", "--bots", "bot1"] + own).results.map(\.outcome) == [.started])
      try await host.lane("bot2", ["--run", "20261121-114502-0000000b", "--who", "bob"])
      let mine = try await host.lane("bot2", ["--run", "20261121-114502-0000000a", "--who", "eve"] + granted)
      #expect(mine.lines.first { $0.kind == .result }?["mark"] == "kept")
      #expect(host.contents(".opsh/stop/bot2").contains("who=bob\n"))
    }
  }

  @Test func `a latch stays until it is lifted, whoever comes later`() async throws {
    try await TestHost.with { host in
      try await host.swap("v1", try await host.image("v1"))
      let halt = try await host.run(["latch", "--bots", "bot1", "--mode", "halt_all", "--stop", "5"])
      #expect(try halt.results.map(\.outcome) == [.stopped])
      let late = [
        "start", "--bots", "bot1", "--settle", "0", "--epoch", "\((Int(Date().timeIntervalSince1970) + 100) * 65_536)",
      ]
      #expect(try await host.run(late).results.map(\.outcome) == [.refused])
      // A plain stop says less and takes nothing away.
      try await host.lane("bot1")
      let shown = try await host.run(["latch"])
      #expect(shown.lines.map { $0["mode"] } == ["halt_all"])
      #expect(try await host.run(["latch", "--bots", "bot1", "--lift"]).results.map(\.outcome) == [.lifted])
      let free = ["start", "--bots", "bot1", "--settle", "0", "--run", "r9"]
      #expect(try await host.run(free).results.map(\.outcome) == [.started])
    }
  }

  @Test func `close_only forbids starts and leaves what runs`() async throws {
    try await TestHost.with { host in
      try await host.swap("v1", try await host.image("v1"))
      let answer = try await host.run(["latch", "--bots", "bot1", "--mode", "close_only"])
      #expect(try answer.results.first?.detail?.contains("keeps running") == true)
      let running = host.processes
      #expect(running.count == 1)
      #expect(try await host.run(["restart", "--bots", "bot1"]).results.map(\.outcome) == [.refused])
      #expect(host.processes == running)
    }
  }

  @Test func `a stop needs no folder of ours, no lock and no epoch`() async throws {
    try await TestHost.with { host in
      try await host.swap(
        "v1",
        try await host.image("v1"),
        ["--epoch", "\((Int(Date().timeIntervalSince1970) + 100) * 65_536)"]
      )
      try FileManager.default.removeItem(atPath: "\(host.home)/.opsh")
      let stop = try await host.lane("bot1", ["--epoch", "7"])
      #expect(try stop.results.map(\.outcome) == [.stopped])
      #expect(host.exists(".opsh/stop/bot1") && !host.exists(".opsh/epoch") && !host.exists(".opsh/lock"))
    }
  }

  @Test func `the whole group of a bot ends`() async throws {
    try await TestHost.with { host in
      try await host.swap("v1", try await host.image("v1", behaviour: "brood"))
      try await host.until { host.processes.count == 2 }
      let stop = try await host.lane("bot1", ["--stop", "1"])
      #expect(try stop.results.map(\.outcome) == [.stopped])
      #expect(try stop.results.allSatisfy { $0.wasKilled })
      #expect(host.processes.isEmpty)
    }
  }

  /// A bot whose own process is gone and whose child, which ignores SIGTERM, is not.
  private func crashed(_ host: TestHost) async throws {
    try await host.swap("v1", try await host.image("v1", behaviour: "brood"))
    try await host.until { host.processes.count == 2 }
    let leader = try #require(try await host.bot().pid)
    kill(pid_t(leader), SIGKILL)
    // Its program is gone from /proc an instant before the process is.
    try await host.until {
      let stat = try? String(contentsOfFile: "/proc/\(leader)/stat", encoding: .utf8)
      return stat?.contains(") Z ") ?? true
    }
    #expect(host.processes.count == 1)
    #expect(try await host.bot().state == .crashed)
  }

  @Test(arguments: Shell.installed, ["lane", "stop", "swap", "start", "restart"])
  func `what a crashed bot left running is ended`(shell: Shell, way: String) async throws {
    try await TestHost.with(shell) { host in
      try await crashed(host)
      let left = host.processes
      switch way {
      case "lane":
        let stop = try await host.lane("bot1", ["--stop", "1"])
        let result = try #require(try stop.results.first)
        // The bot itself did not run, so nothing is to be started again.
        #expect(result.outcome == .unchanged && result.wasKilled)
        #expect(result.detail == "it had crashed; processes it left running were ended")
      case "swap":
        let v2 = try await host.image("v2")
        #expect(try await host.swap("v2", v2, ["--stop", "1"]).results.map(\.outcome) == [.swapped])
      default:
        let words = [way, "--bots", "bot1", "--stop", "1", "--settle", "0"]
        #expect(try await host.run(words).status == 0)
      }
      #expect(Set(host.processes).isDisjoint(with: left))
      #expect(host.processes.isEmpty == ["lane", "stop"].contains(way))
    }
  }

  @Test func `strangers in a group of a crashed bot's number are left alone`() async throws {
    try await TestHost.with { host in
      try await host.swap("v1", try await host.image("v1"))
      #expect(try await host.run(["stop", "--bots", "bot1", "--stop", "5"]).status == 0)
      // The leader of the group is gone, one of it is not.
      let words = ["setsid", "sh", "-c", "sleep 60 >/dev/null 2>&1 & echo $$ $!"]
      let said = String(decoding: try await host.ending(words).output, as: UTF8.self).split(separator: " ")
      let numbers = said.compactMap { pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
      try #require(numbers.count == 2)
      defer { kill(numbers[1], SIGKILL) }
      try await host.until { kill(numbers[0], 0) != 0 }
      try host.write("\(numbers[0]) 12\n", "bots/bot1/pid")
      #expect(try await host.bot().state == .crashed)
      #expect(try await host.lane("bot1").results.map(\.outcome) == [.unchanged])
      #expect(kill(numbers[1], 0) == 0)
    }
  }

  @Test(arguments: 0..<6)
  func `a start and a stop at the same instant end with nothing running`(delay: Int) async throws {
    try await TestHost.with { host in
      try await host.swap("v1", try await host.image("v1"))
      _ = try await host.run(["stop", "--bots", "bot1", "--stop", "5"])
      let granted = "\((Int(Date().timeIntervalSince1970) - 60) * 65_536)"
      async let start = host.run(["start", "--bots", "bot1", "--settle", "1", "--epoch", granted])
      try await Task.sleep(for: .milliseconds(delay * 30))
      let stop = try await host.lane("bot1")
      #expect(try stop.results.allSatisfy { $0.outcome == .stopped || $0.outcome == .unchanged })
      #expect(try await start.results.map(\.outcome) == [.stoppedBy])
      #expect(host.processes.isEmpty)
    }
  }

  @Test(.enabled(if: getuid() == 0), arguments: [false, true])
  func `a full disk costs the words of a mark, never the stop`(isOutOfFiles: Bool) async throws {
    try await TestHost.with { host in
      try await host.swap("v1", try await host.image("v1"))
      let disk = "\(host.home)/.opsh"
      let limit = isOutOfFiles ? "nr_inodes=1" : "size=4k"
      try #require(try await host.ending(["mount", "-t", "tmpfs", "-o", limit, "none", disk]).status == 0)
      if !isOutOfFiles {
        _ = try await host.ending(["sh", "-c", "mkdir \(disk)/stop; head -c 65536 /dev/zero >\(disk)/ballast"])
      }
      let stop = try await host.lane("bot1")
      let early = try await host.bot()
      let shown = try await host.run(["latch"])
      try #require(try await host.ending(["umount", "-l", disk]).status == 0)
      let result = try #require(stop.lines.first { $0.kind == .result })
      #expect(result["outcome"] == "stopped")
      #expect(result["mark"] == (isOutOfFiles ? "failed" : "bare"))
      #expect(result["detail"]?.contains("its mark") == true)
      #expect(host.processes.isEmpty && early.state == .down)
      // The empty file binds.
      #expect(shown.lines.map { $0["mode"] } == (isOutOfFiles ? [] : ["stop"]))
    }
  }

  @Test func `commands are ended by the whole id of their run`() async throws {
    try await TestHost.with { host in
      async let command = host.exec("sleep 60", run: "20261121-114502-6ca32b16-abc")
      try await host.until { host.exists(".opsh/runs/20261121-114502-6ca32b16-abc/exec.child") }
      for part in ["20261121", "20261121-114502", "20261121-114502-6ca32b1"] {
        #expect(try await host.run(["kill", "--run", part]).code == "host.no_run")
      }
      let ended = try await host.run(["kill", "--run", "20261121-114502-6ca32b16", "--stop", "5"])
      #expect(ended.lines.last?["outcome"] == "stopped")
      _ = try await command
    }
  }
}

extension TestHost {
  /// Stops bots as the stop lane does: with the script on standard input.
  @discardableResult
  func lane(_ bots: String, _ more: [String] = []) async throws -> Answer {
    let words = shell.command + ["-s", "--", "latch", "--bots", bots, "--mode", "stop", "--stop", "10"] + more
    return try await command(words, input: Array(contents("host.sh").utf8))
  }

  func mark(_ bot: String, _ text: String) throws {
    try FileManager.default.createDirectory(atPath: "\(home)/.opsh/stop", withIntermediateDirectories: true)
    try text.write(toFile: "\(home)/.opsh/stop/\(bot)", atomically: true, encoding: .utf8)
  }
}
