import Foundation
import HostScript
import OpshLab
import Subprocess
import Testing

/// A user manager that is not there, is dead or does not answer: what runs is seen all the same, and is stopped.
@Suite(.enabled(if: UnitHost.obstacle == nil, "hosts with systemd need root")) struct UnitManagerTests {
  @Test func `one that hangs is named, and what it started is seen and stopped`() async throws {
    try await TestHost.withUnits(settings: ["LIMIT": "2"]) { host, units in
      try await host.swap("v1", try await host.image("v1"))
      let manager = try #require(units.manager)
      kill(manager, SIGSTOP)
      defer { kill(manager, SIGCONT) }
      let why = "the user manager of bots does not answer: systemctl took longer than 2 s"
      let bot = try await host.bot()
      #expect(bot.state == .running && bot.pid != nil && bot.detail == why)
      let facts = try HostFacts(#require(try await host.run(["facts"]).lines.first))
      #expect(facts.notReady == why)
      let restart = try #require(try await host.run(["restart", "--bots", "bot1"]).results.first)
      #expect(restart.outcome == .failed && restart.detail == why)
      #expect(units.processes(of: "bot1").count == 1)
      let latch = try await host.run(["latch", "--bots", "bot1", "--mode", "halt_all", "--stop", "3"])
      #expect(try latch.results.first?.outcome == .stopped)
      #expect(units.processes(of: "bot1").isEmpty)
      kill(manager, SIGCONT)
      let end = try await host.bot()
      #expect(end.state == .down && end.detail == nil && end.markMode == "halt_all")
    }
  }

  @Test func `one that has died leaves its bots unsupervised, which is said, and they can be stopped`() async throws {
    try await TestHost.withUnits { host, units in
      try await host.swap("v1", try await host.image("v1"))
      kill(try #require(units.manager), SIGKILL)
      try await host.until { units.manager == nil }
      let why = "the user manager of bots has died; what it started may run on without supervision"
      let bot = try await host.bot()
      #expect(bot.state == .running && bot.detail == why)
      let swap = try await host.swap("v2", try await host.image("v2"))
      #expect(swap.status == 4 && swap.code == "host.no_manager")
      #expect(units.processes(of: "bot1").count == 1)
      #expect(try await host.run(["stop", "--bots", "bot1"]).results.first?.outcome == .stopped)
      #expect(units.processes(of: "bot1").isEmpty)
      let start = try #require(try await host.run(["start", "--bots", "bot1"]).results.first)
      #expect(start.outcome == .down && start.detail == "bot1 cannot be started: \(why)")
    }
  }

  @Test func `a login without XDG_RUNTIME_DIR works, and a foreign one is named`() async throws {
    try await TestHost.withUnits { host, _ in
      // What sshd without PAM sets: nothing.
      let bare = try await host.ending(["env", "-u", "XDG_RUNTIME_DIR", "dash", "\(host.inner)/host.sh", "facts"])
      #expect(String(decoding: bare.output, as: UTF8.self).contains("ready=yes"))
      let none = try await host.run(["facts"], environment: ["XDG_RUNTIME_DIR": "/run/user/77"])
      #expect(none.lines.first?["ready"] == "the user manager of bots does not run")
    }
  }
}
