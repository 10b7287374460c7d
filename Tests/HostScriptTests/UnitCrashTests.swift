import Foundation
import HostScript
import OpshLab
import Testing

/// The runner is killed with SIGKILL while it changes a unit that others require.
@Suite(.enabled(if: UnitHost.obstacle == nil, "hosts with systemd need root")) struct UnitCrashTests {
  @Test(arguments: ["before stop", "done stop", "before start", "done start", "before result"])
  func `a restart killed anywhere and continued has new processes, one of each`(point: String) async throws {
    try await TestHost.withUnits { host, units in
      try host.unit("side", "[Service]\nExecStart=/bin/sleep 1000\n")
      try host.unit("live", "[Unit]\nRequires=side.service\n[Service]\nExecStart=/bin/sleep 1000\n")
      for name in ["side", "live"] { _ = try await host.run(["start", "--bots", name, "--settle", "0"]) }
      let before = ["side", "live"].map { units.processes(of: $0) }
      let restart = ["restart", "--bots", "side", "--settle", "0", "--run", "r1-1"]
      try await CrashTests.killed(host, restart, at: point)
      #expect(["side", "live"].allSatisfy { units.processes(of: $0).count <= 1 })
      let answer = try await host.run(restart)
      #expect(try answer.results.map(\.outcome) == [.restarted], "\(answer.text)\(answer.errors)")
      let after = ["side", "live"].map { units.processes(of: $0) }
      #expect(after.allSatisfy { $0.count == 1 } && zip(before, after).allSatisfy { $0 != $1 }, "\(before) \(after)")
    }
  }

  @Test(arguments: ["done stop", "done rename", "done start", "after settle", "after confirm", "before result"])
  func `a swap killed anywhere ends on the new version, once, and what it dragged along runs`(point: String)
    async throws
  {
    try await TestHost.withUnits { host, units in
      try await host.swap("v1", try await host.image("v1"))
      try host.unit("live", "[Unit]\nRequires=bot1.service\n[Service]\nExecStart=/bin/sleep 1000\n")
      _ = try await host.run(["start", "--bots", "live", "--settle", "0"])
      let v2 = try await host.image("v2")
      try await CrashTests.killed(host, host.swapArguments("v2", v2, bots: "bot1"), at: point)
      let answer = try await host.swap("v2", v2)
      #expect(answer.status == 0, "\(answer.text)\(answer.errors)")
      let bot = try await host.bot()
      #expect(bot.state == .running && bot.digest == v2 && !bot.hasPrevious && bot.unfinishedSwap == nil)
      #expect(units.processes(of: "bot1").count == 1 && units.processes(of: "live").count == 1)
    }
  }

  @Test(arguments: ["after undo", "done rename", "after revive"])
  func `a way back killed anywhere ends on the old version and its unit file, once`(point: String) async throws {
    try await TestHost.withUnits { host, units in
      let v1 = try await host.image("v1")
      try await host.swap("v1", v1)
      let file = host.contents(".config/systemd/user/bot1.service")
      let bad = try await host.image("bad", behaviour: "crash")
      try await CrashTests.killed(host, host.swapArguments("bad", bad, bots: "bot1", ["--settle", "2"]), at: point)
      let answer = try await host.swap("bad", bad, ["--settle", "2"])
      #expect(try answer.results.map(\.outcome) == [.rolledBack], "\(answer.text)\(answer.errors)")
      let bot = try await host.bot()
      #expect(bot.state == .running && bot.digest == v1 && !bot.hasPrevious && bot.unfinishedSwap == nil)
      #expect(units.processes(of: "bot1").count == 1)
      #expect(host.contents(".config/systemd/user/bot1.service") == file)
    }
  }

  @Test func `what a restart of another run left down is not started by a mere start`() async throws {
    try await TestHost.withUnits { host, units in
      try host.unit("side", "[Service]\nExecStart=/bin/sleep 1000\n")
      try host.unit("live", "[Unit]\nRequires=side.service\n[Service]\nExecStart=/bin/sleep 1000\n")
      for name in ["side", "live"] { _ = try await host.run(["start", "--bots", name, "--settle", "0"]) }
      try await CrashTests.killed(
        host,
        ["restart", "--bots", "side", "--settle", "0", "--run", "r1-1"],
        at: "done stop"
      )
      #expect(try await host.run(["start", "--bots", "side", "--settle", "0"]).results.first?.outcome == .started)
      #expect(units.processes(of: "side").count == 1 && units.processes(of: "live").isEmpty)
    }
  }
}
