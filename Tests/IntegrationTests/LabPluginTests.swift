import Foundation
import OpshLab
import Testing

/// The lab's fleet as a plugin: checks of every judgement, primitives, a runbook and a hook, on real hosts.
@Suite(.timeLimit(.minutes(5)))
struct LabPluginTests {
  private static let names = [
    "errors", "heartbeat", "log_growth", "logged_in", "running", "spread", "versions", "youngest",
  ]

  @Test func `its checks find a fleet that is well, and what breaks is BAD or UNKNOWN`() async throws {
    try await RealFleet.with(hosts: 2, botsPerHost: 2) { fleet in
      let listed = try await fleet.opsh("for _, c in ipairs(checks()) do print(c.name) end")
      #expect(listed.lines.filter { $0.hasPrefix("lab.") } == Self.names.map { "lab.\($0)" }, "\(listed)")

      let deploy = try await fleet.opsh(#"fleet.deploy<target="all", speed="fast">;"#, "--yes")
      #expect(deploy.status == 0, "\(deploy)")
      let well = try await fleet.opsh.run([
        "check", "lab.logged_in", "lab.heartbeat", "lab.running", "lab.versions", "lab.errors", "lab.spread",
      ])
      #expect(well.status == 0, "\(well)")
      let first = try await fleet.opsh.run(["check", "lab.log_growth"])
      #expect(first.status == 3 && first.output.contains("growth needs two"), "\(first)")

      let stop = try await fleet.opsh(#"fleet.stop{ on = "web001", now = true };"#, "--yes")
      #expect(stop.status == 0, "\(stop)")
      let lonely = try await fleet.opsh.run(["check", "lab.logged_in"])
      #expect(lonely.status == 2 && lonely.output.contains("BAD lab.logged_in: 2 bots"), "\(lonely)")

      try await fleet.lab.break(.sshd, host: "web002")
      let dead = try await fleet.opsh.run(["check", "lab.logged_in", "lab.running"])
      #expect(dead.status == 3, "\(dead)")
      #expect(dead.output.contains("UNKNOWN lab.logged_in: web002: "), "\(dead)")
      #expect(dead.output.contains("UNKNOWN lab.running web002: web002: "), "\(dead)")
      #expect(dead.output.contains("OK lab.running web001: 2 bots"), "\(dead)")
      #expect(dead.output.contains("plugins/lab/init.lua:"), "\(dead)")
      let healthy = try await fleet.opsh("print(plugin.info('lab').state, plugin.info('lab').last_failure)")
      #expect(healthy.output == "loaded\t\n", "\(healthy)")
    }
  }

  @Test func `its examples run, its runbook leaves a note, and its hook has a say after a deploy`() async throws {
    try await RealFleet.with(hosts: 2) { fleet in
      try await fleet.lab.break(.nologin, host: "web002")
      let deploy = try await fleet.opsh(#"pcall(fleet.deploy, { target = "all", speed = "fast" });"#, "--yes")
      #expect((deploy.output + deploy.errors).contains("lab: 1 bot has no session yet after v2: "), "\(deploy)")
      try await fleet.lab.mend()

      let catalog = try await fleet.opsh.run(["--catalog"])
      let document = try #require(try JSONSerialization.jsonObject(with: Data(catalog.output.utf8)) as? [String: Any])
      let primitives = try #require(document["primitives"] as? [[String: Any]])
      var ran = 0
      for primitive in primitives where (primitive["name"] as? String)?.hasPrefix("lab.") == true {
        for example in try #require(primitive["examples"] as? [[String: String]]) {
          let code = try #require(example["code"])
          let run = try await fleet.opsh(code, "--yes")
          #expect(run.status == 0, "\(code)\n\(run)")
          ran += 1
        }
      }
      #expect(ran == 2)

      let code = #"runbook.run<name="lab/handover", arguments={ text = "upgraded by hand" }>;"#
      let plan = try await fleet.opsh(code, "--dry-run")
      #expect(plan.status == 0, "\(plan)")
      let book = try await fleet.opsh(code, "--yes")
      #expect(book.status == 0, "\(book)")
      for host in ["web001", "web002"] {
        let note = try String(contentsOfFile: fleet.lab.layout.home(of: host) + "/NOTE", encoding: .utf8)
        #expect(note == "upgraded by hand\n")
      }
    }
  }

  @Test func `its first bot serves what the others wait for`() async throws {
    try await RealFleet.with(hosts: 2, botsPerHost: 2) { fleet in
      let opsh = fleet.opsh
      let stop = try await opsh(#"fleet.stop "*""#, "--yes")
      #expect(stop.status == 0 && stop.output.contains("stops bot[2-4], then bot1"), "\(stop)")
      let early = try await opsh(#"fleet.start "bot3""#, "--yes")
      #expect(early.status == 1, "\(early)")
      #expect(early.output.contains("not started: it needs bot1, which is down"), "\(early)")
      #expect(try fleet.bots().values.allSatisfy { $0 == "down" })

      let plan = try await opsh(#"fleet.start "*""#, "--dry-run")
      #expect(plan.output.contains("starts bot1, then bot[2-4]"), "\(plan)")
      #expect(plan.output.contains("bot1 is ready when") && plan.output.contains("7180"), "\(plan)")
      let start = try await opsh(#"fleet.start "*""#, "--yes")
      #expect(start.status == 0 && start.output.contains("started 4 of 4 bots"), "\(start)")
      let roles = try await opsh(#"print(systems.get("lab").roles.feed, systems.get("lab").roles.trader)"#)
      #expect(roles.output.contains("bot1\tbot[2-4]"), "\(roles)")

      // Nothing listens where the bot crashes before it could.
      _ = try await opsh(#"fleet.stop "*""#, "--yes")
      try await fleet.lab.break(.crash, host: "web001")
      let broken = try await opsh(#"fleet.start "*""#, "--yes")
      #expect(broken.status == 1 && broken.output.contains("bot3 on web002: failed: not started"), "\(broken)")
      #expect(try fleet.bots()["bot3"] == "down")
    }
  }
}
