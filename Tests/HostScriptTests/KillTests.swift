import Foundation
import HostScript
import Testing

/// The end of a command is the end of all that it started in its session.
struct KillTests {
  private static func isGone(_ pid: pid_t) -> Bool {
    guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return true }
    return stat.contains(") Z ") || stat.contains(") X ")
  }

  private func pids(_ host: TestHost) -> [pid_t] {
    host.contents("pids").split(separator: "\n").compactMap { pid_t($0) }
  }

  @Test(arguments: Shell.installed)
  func `grandchildren that ignore SIGTERM are gone when the leader went at once`(shell: Shell) async throws {
    try await TestHost.with(shell) { host in
      let inner = "trap \"\" TERM; echo $$ >>pids; sleep 300"
      async let caller = host.exec("sh -c '\(inner)' & echo $! >>pids; sleep 300", run: "r1-1")
      try await host.until { pids(host).count >= 2 }
      let answer = try await host.run(["kill", "--run", "r1", "--stop", "1"])
      #expect(try answer.results.map(\.outcome) == [.stopped])
      #expect(pids(host).allSatisfy(Self.isGone))
      _ = try await caller
    }
  }

  @Test(arguments: Shell.installed)
  func `what a command left behind is ended when its leader is dead`(shell: Shell) async throws {
    try await TestHost.with(shell) { host in
      let left =
        "setsid sleep 300 & echo $! left >>away; (sleep 300 & echo $! >>pids); set -m; sleep 300 & echo $! >>pids"
      #expect(try await host.exec(left, run: "r1-1").answer("r1-1")?.status == 0)
      let away = try #require(host.number("away"))
      defer { kill(away, SIGKILL) }
      #expect(pids(host).count == 2 && pids(host).allSatisfy { !Self.isGone($0) })
      let answer = try await host.run(["kill", "--run", "r1", "--stop", "1"])
      #expect(try answer.results.map(\.outcome) == [.stopped])
      #expect(pids(host).allSatisfy(Self.isGone))
      // Another session is another matter: it was meant to stay.
      #expect(!Self.isGone(away))
      #expect(try await host.run(["kill", "--run", "r1"]).results.map(\.outcome) == [.unchanged])
    }
  }

  @Test(arguments: Shell.installed) func `what a query left running is found by its mark and ended`(shell: Shell)
    async throws
  {
    try await TestHost.with(shell) { host in
      let mark = "query-\(UUID().uuidString)"
      let line = "cd; setsid sleep 300 & echo $! >>pids; sh -c 'trap \"\" TERM; sleep 301' & echo $! >>pids"
      _ = try await host.ending(["sh", "-c", "(\(line)) >/dev/null 2>&1"], ["OPSH_RUN": mark])
      #expect(pids(host).count == 2 && pids(host).allSatisfy { !Self.isGone($0) })
      #expect(try await host.run(["kill", "--run", "query-other"]).code == "host.no_run")
      let answer = try await host.run(["kill", "--run", mark, "--stop", "1"])
      #expect(try answer.results.map(\.outcome) == [.stopped])
      #expect(pids(host).allSatisfy(Self.isGone))
      #expect(try await host.run(["kill", "--run", mark]).code == "host.no_run")
    }
  }

  @Test func `a stopped command is ended`() async throws {
    try await TestHost.with { host in
      async let caller = host.exec("echo $$ >>pids; sleep 300", run: "r1-1")
      try await host.until { pids(host).count == 1 }
      kill(-pids(host)[0], SIGSTOP)
      #expect(try await host.run(["kill", "--run", "r1", "--stop", "20"]).status == 0)
      #expect(try await caller.answer("r1-1")?.status == 143)
    }
  }

  @Test func `strangers that were given the number of a dead leader are left alone`() async throws {
    try await TestHost.with { host in
      #expect(try await host.exec("true", run: "r1-1").answer("r1-1")?.status == 0)
      let stranger = Process()
      stranger.executableURL = URL(filePath: "/usr/bin/setsid")
      stranger.arguments = ["sleep", "60"]
      try stranger.run()
      defer { kill(stranger.processIdentifier, SIGKILL) }
      try host.write("\(stranger.processIdentifier) 12\n", ".opsh/runs/r1-1/exec.child")
      #expect(try await host.run(["kill", "--run", "r1"]).results.map(\.outcome) == [.unchanged])
      #expect(stranger.isRunning)
    }
  }

  @Test func `a command that was to be ended before it began does not begin`() async throws {
    try await TestHost.with { host in
      // The worker waits before it starts the command.
      try host.write(
        try TestHost.script().text.replacing(
          "\n  X_KEEP2=$!\n",
          with: "\n  X_KEEP2=$!\n  touch \"$HOME/waits\"; until [ -e \"$HOME/go\" ]; do sleep 0.05; done\n"
        ),
        "host.sh"
      )
      async let caller = host.exec("touch made", run: "r1-1")
      try await host.until { host.exists("waits") }
      #expect(try await host.run(["kill", "--run", "r1"]).results.map(\.outcome) == [.stopped])
      try host.touch("go")
      #expect(try await caller.answer("r1-1")?.status == 143)
      #expect(!host.exists("made"))
    }
  }
}
