import Foundation
import OpshLab
import PseudoTerminal
import Testing

@Suite(.timeLimit(.minutes(5)))
struct DeployTests {
  @Test func `a dry run leaves every host as it is and the real run does what it said`() async throws {
    try await RealFleet.with(hosts: 3, botsPerHost: 2) { fleet in
      let (files, processes) = (try fleet.files(), fleet.processes())
      let dry = try await fleet.opsh(#"fleet.deploy<target="all", speed="routine">"#, "--dry-run", "--json")
      #expect(dry.status == 0, "\(dry)")
      #expect(try fleet.files() == files)
      #expect(fleet.processes() == processes)
      let said = try dry.events("say").compactMap { $0["text"] as? String }.joined(separator: "\n")
      #expect(said.contains("web[001-003] (3)\n    install the host script"))
      #expect(said.hasSuffix("dry run: nothing was changed"))
      let result = try #require(try dry.events("result").first?["value"] as? [String: Any])
      let operations = try #require(result["operations"] as? [[String: Any]])
      #expect(operations.count == 6)
      #expect(operations.allSatisfy { $0["state"] as? String == "predicted" })

      let real = try await fleet.opsh(#"fleet.deploy<target="all", speed="routine">"#, "--yes")
      #expect(real.status == 0, "\(real)")
      #expect(real.output.contains("logged in           : 6/6"))
      #expect(real.output.contains("✅ all 6 bots run v2 and are logged in"))
      #expect(real.errors.contains("[####################] 3/3 hosts · 0 errors"))
      try await fleet.expectAll("v2 yes")

      let again = try await fleet.opsh(#"fleet.deploy{ target = "all" }"#, "--yes", "--json")
      #expect(again.status == 0, "\(again)")
      try expectSound(again, hosts: 3, bots: 6)
      #expect(try again.events("deploy.plan").first?["already_there"] as? [String] == ["web001", "web002", "web003"])
    }
  }

  @Test func `a release that breaks touches one host and every bot stays on the old version`() async throws {
    try await RealFleet.with(hosts: 3) { fleet in
      let before = fleet.processes()
      let run = try await fleet.opsh(#"fleet.deploy<target="all", image="v3-broken">"#, "--yes", "--json")
      #expect(run.status == 2, "\(run)")
      try expectSound(run, hosts: 3, bots: 3)
      let classes = try #require(try run.events("deploy.result").first?["classes"] as? [String: [String]])
      #expect(classes["failed"]?.count == 1)
      #expect(classes["skipped"]?.count == 2)
      #expect(try run.events("error").first?["code"] as? String == "rollout.halted")
      try await fleet.expectAll("v1 yes")
      #expect(zip(before.sorted(by: <), fleet.processes().sorted(by: <)).filter { $0 != $1 }.count == 1)
      for path in try fleet.files().keys { #expect(!path.contains("-prev"), "\(path)") }
    }
  }

  @Test func `a release that does not log in is stopped by the gate after one host`() async throws {
    try await RealFleet.with(hosts: 2) { fleet in
      let run = try await fleet.opsh(#"fleet.deploy<target="all", image="v4-nologin">"#, "--yes")
      #expect(run.status == 2, "\(run)")
      #expect(run.output.contains("gate inconclusive: none of the 1 new bots has logged in"))
      #expect(run.output.contains("not logged in yet   : 1 -> bot"))
      #expect(!run.output.contains("retry result"))
      #expect(try fleet.bots().values.sorted() == ["v1 yes", "v4-nologin no"])
    }
  }

  @Test func `bots that may not log in yet are waited for and never restarted`() async throws {
    try await RealFleet.with(hosts: 2) { fleet in
      // The canary web001 is well, so the gates pass.
      try await fleet.lab.break(.nologin, host: "web002")
      let terminal = try fleet.opsh.terminal("--yes", "-e", #"fleet.deploy<target="all">"#)
      try await terminal.expect("not logged in yet   : 1 -> bot2", within: .seconds(90))
      try await terminal.expect("letting 1 straggler finish their login", within: .seconds(60))
      try await fleet.lab.mend()
      try await terminal.expect("logged in during wait : 1/1", within: .seconds(90))
      #expect(try await terminal.exit(within: .seconds(60)) == .code(0))
      let log = try await fleet.opsh(#"print(fleet.logs<on="bot2", lines=1000>[1].text)"#, "--quiet")
      #expect(log.lines.filter { $0.contains("starts, version v2") }.count == 1, "\(log)")
    }
  }

  @Test func `a bot of this very machine is deployed through the local transport`() async throws {
    try await RealFleet.with(hosts: 1) { fleet in
      let home = try #require(fleet.opsh.home)
      let there = fleet.lab.layout.home(of: "web001") + "/bots/login.conf"
      try FileManager.default.createDirectory(atPath: home + "/bots", withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: there, toPath: home + "/bots/login.conf")
      let image = try #require(fleet.lab.images.first { $0.name == "v1" })
      let site = """
        return { name = "here", runtime = "process", settle = 1,
          hosts = { { name = "me", transport = "local", bots = "bot7" } },
          images = { v1 = { digest = "\(image.digest)", source = "\(fleet.lab.layout.archive(of: "v1"))" } } }
        """
      try site.write(toFile: home + "/site.lua", atomically: true, encoding: .utf8)
      let opsh = Opsh(site: home + "/site.lua", home: home)
      let run = try await opsh(#"fleet.deploy<target="bot", bot=7, image="v1">"#, "--yes")
      let stop = try await opsh(#"fleet.stop "bot7""#)
      #expect(run.status == 0, "\(run)")
      #expect(run.output.contains("✅ the bot runs v1 and is logged in"))
      #expect(stop.status == 0, "\(stop)")
    }
  }

  @Test func `hosts with a fault are named and leave their bots alone`() async throws {
    try await RealFleet.with(hosts: 4) { fleet in
      try await fleet.lab.break(.sshd, host: "web004")
      let run = try await fleet.opsh(#"fleet.deploy<target="all">"#, "--yes")
      #expect(run.status == 1, "\(run)")
      #expect(run.output.contains("Known down        web004 (1, left out): web004 refuses connections"))
      #expect(run.output.contains("--- result: Partial (3/4, 0 errors"))
      #expect(run.output.contains("unknown (no answer) : 1 -> bot4"))
      #expect(try fleet.bots() == ["bot1": "v2 yes", "bot2": "v2 yes", "bot3": "v2 yes", "bot4": "v1 yes"])
      try await fleet.lab.mend()

      // web004 has v1 only, so it must fetch v2.
      try await fleet.lab.break(.pull, host: "web004")
      let pull = try await fleet.opsh(#"fleet.deploy<target="web004">"#, "--yes")
      #expect(pull.status == 2, "\(pull)")
      #expect(pull.output.contains("registry/v2.tar.gz cannot be read"))
      try await fleet.lab.mend()

      try await fleet.lab.break(.diskFull, host: "web004")
      let full = try await fleet.opsh(#"fleet.deploy<target="web004">"#, "--yes")
      #expect(full.status == 2 || full.status == 4, "\(full)")
      #expect(full.output.contains("web004: failed: ") || full.output.contains("web004: unreachable: "), "\(full)")
      try await fleet.lab.mend()
      #expect(try fleet.bots()["bot4"]?.hasPrefix("v1 ") == true)

      try await fleet.lab.break(.script, host: "web001")
      let drift = try await fleet.opsh(#"fleet.drift "web[001-002]""#)
      #expect(drift.status == 1, "\(drift)")
      #expect(drift.lines.contains { $0.hasPrefix("web001") && $0.contains("changed") }, "\(drift)")
      #expect(drift.lines.contains { $0.hasPrefix("web002") && $0.contains("current") }, "\(drift)")
      let healed = try await fleet.opsh(#"fleet.deploy<target="web001", image="v1">"#, "--yes")
      #expect(healed.status == 0, "\(healed)")
      #expect(try await fleet.opsh(#"fleet.drift "web001""#).status == 0)
    }
  }

  /// Every line is JSON, and hosts and bots sum up.
  private func expectSound(_ run: Opsh.Outcome, hosts: Int, bots: Int) throws {
    let result = try #require(try run.events("deploy.result").first)
    let classes = try #require(result["classes"] as? [String: [String]])
    #expect(classes.values.joined().count == hosts)
    #expect(Set(classes.values.joined()).count == hosts)
    let verification = try #require(result["verification"] as? [String: Any])
    let sorted = ["logged_in", "not_logged_in", "stale", "down", "unknown"].flatMap {
      verification[$0] as? [String] ?? []
    }
    #expect(sorted.count == bots)
    #expect(Set(sorted).count == bots)
    #expect(verification["total"] as? Int == bots)
    #expect(result["exit_code"] as? Int == run.status.map(Int.init))
    let touched = hosts - (classes["skipped"]?.count ?? 0) - (classes["excluded"]?.count ?? 0)
    #expect(try run.events("deploy.host").count == touched)
    #expect(Set(try run.events().compactMap { $0["run"] as? String }).count == 1)
  }
}
