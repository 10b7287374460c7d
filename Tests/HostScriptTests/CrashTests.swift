import Foundation
import HostScript
import Testing

/// The runner is killed with SIGKILL at a named point; the next run must find exactly one way out.
struct CrashTests {
  static let forward =
    ["stop", "rename", "start", "settle", "confirm"].flatMap { ["before \($0)", "after \($0)"] }
    + ["stop", "rename", "start", "remove", "spawn"].map { "done \($0)" } + ["before result"]
  static let back =
    ["undo", "restore", "revive"].flatMap { ["before \($0)", "after \($0)"] }
    + ["done rename", "done spawn", "done remove", "before result"]

  @Test(arguments: forward)
  func `a swap killed anywhere ends on the new version, once`(point: String) async throws {
    try await TestHost.with { host in
      let v1 = try await host.image("v1")
      let v2 = try await host.image("v2")
      try await host.swap("v1", v1)
      try await Self.killed(host, host.swapArguments("v2", v2, bots: "bot1"), at: point)
      #expect(host.processes.count <= 1)
      let answer = try await host.swap("v2", v2)
      #expect(answer.status == 0, "\(answer.text)\(answer.errors)")
      try await Self.expectOne(host, running: v2)
    }
  }

  @Test(arguments: back)
  func `a way back killed anywhere ends on the old version, once`(point: String) async throws {
    try await TestHost.with { host in
      let v1 = try await host.image("v1")
      let bad = try await host.image("bad", behaviour: "crash")
      try await host.swap("v1", v1)
      // On a busy machine it takes a moment until the bad version has ended.
      let settle = ["--settle", "3"]
      try await Self.killed(host, host.swapArguments("bad", bad, bots: "bot1", settle), at: point)
      let answer = try await host.swap("bad", bad, settle)
      #expect(try answer.results.map(\.outcome) == [.rolledBack], "\(answer.text)\(answer.errors)")
      try await Self.expectOne(host, running: v1)
    }
  }

  @Test(arguments: ["after stop", "done stop", "after start", "done start", "after settle", "after confirm"])
  func `after a killed swap, stop leaves nothing running`(point: String) async throws {
    try await TestHost.with { host in
      try await host.swap("v1", try await host.image("v1"))
      let v2 = try await host.image("v2")
      try await Self.killed(host, host.swapArguments("v2", v2, bots: "bot1"), at: point)
      let answer = try await host.run(["stop", "--bots", "bot1"])
      #expect(answer.status == 0, "\(answer.text)\(answer.errors)")
      #expect(host.processes.isEmpty)
      #expect(!host.exists("bots/bot1-prev") && host.exists("bots/bot1/image"))
    }
  }

  private static func expectOne(_ host: TestHost, running digest: String) async throws {
    #expect(host.processes.count == 1)
    let bot = try await host.bot()
    #expect(bot.state == .running && bot.digest == digest && !bot.hasPrevious && bot.unfinishedSwap == nil)
    #expect(bot.pid.map { pid_t($0) } == host.processes.first)
  }

  /// Runs the script with a trap door at every point; it is in this copy alone.
  static func killed(_ host: TestHost, _ arguments: [String], at point: String) async throws {
    var text = try TestHost.script(host.units == nil ? "process" : "systemd").text
    var doors = "die_at() { [ \"${DIE_AT-}\" != \"$1\" ] || kill -9 $$; }\n"
    let wrapped = ["enter", "swap_result", "spawn", "driver_stop", "driver_rename", "driver_start", "driver_remove"]
    for name in wrapped where host.units == nil || name != "spawn" {
      text = text.replacing("\n\(name)() {", with: "\ninner_\(name)() {")
      let word = name == "enter" ? "$1" : name == "swap_result" ? "result" : name.replacing("driver_", with: "")
      doors += """
        \(name)() {
          die_at "before \(word)"
          inner_\(name) "$@" || return
          die_at "\(name == "enter" ? "after" : "done") \(word)"
        }

        """
    }
    text = text.replacing("\nmain \"$@\"", with: "\n\(doors)main \"$@\"")
    try text.write(toFile: "\(host.home)/trap.sh", atomically: true, encoding: .utf8)
    let answer = try await host.run(arguments, environment: ["DIE_AT": point], script: "trap.sh")
    #expect(answer.code == "host.run_died", "the point \(point) was not reached: \(answer.text)\(answer.errors)")
  }
}
