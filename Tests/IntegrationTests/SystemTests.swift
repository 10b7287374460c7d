import Foundation
import OpshLab
import Testing

/// A system on real hosts: order, readiness and live bots.
@Suite(.timeLimit(.minutes(5))) struct SystemTests {
  /// bot1 and bot2 on web001, bot3 and bot4 on web002: bot1 is the feed, bot3 trades with it, bot4 is live.
  private static let kinds = """
    return {
      bots = {
        bot1 = { role = "feed", ready = { log = { has = "logged in as %b" }, within = WITHIN } },
        bot2 = { role = "monitor", critical = false },
        bot3 = { role = "trader", needs = { "bot1" }, ready = { file = { path = "bots/%b/heartbeat", age = "10s" } } },
        bot4 = { role = "trader", live = true, needs = { "bot1" } },
      },
    }
    """

  private func with(within: String, _ body: (RealFleet) async throws -> Void) async throws {
    try await RealFleet.with(hosts: 2, botsPerHost: 2) { fleet in
      let folder = (fleet.lab.site as NSString).deletingLastPathComponent + "/plugins/desk"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let files = [
        "plugin.lua": """
        return {
          id = "desk", version = "1.0.0", api = 2, summary = "A desk", capabilities = { "hosts:read" },
          provides = { primitives = { { name = "who", summary = "Says who trades", effect = "reads", returns = "names" } } },
        }
        """,
        "init.lua": """
        return { primitives = { who = function(system) return system.name .. ": " .. system.roles.trader end } }
        """,
        // The text of a log has no templates.
        "system.lua": Self.kinds.replacing("WITHIN", with: within).replacing(
          "logged in as %b",
          with: "logged in as bot1"
        ),
      ]
      for (name, text) in files { try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8) }
      let site = try String(contentsOfFile: fleet.lab.site, encoding: .utf8)
      try site.replacing(#"lab = { plugin = "lab", on = "*" }"#, with: #"demo = { plugin = "desk", on = "web*" }"#)
        .write(toFile: fleet.lab.site, atomically: true, encoding: .utf8)
      try await body(fleet)
    }
  }

  @Test func `a start waits for a line of a real log, and leaves the live bot out`() async throws {
    try await with(within: "30") { fleet in
      let opsh = fleet.opsh
      let who = try await opsh("print(desk.who())")
      #expect(who.output.contains("demo: bot[3-4]"), "\(who)")
      let stopped = try await opsh(#"fleet.stop "*""#, "--yes")
      #expect(stopped.status == 0 && stopped.output.contains("stops bot[3-4], then bot[1-2]"), "\(stopped)")
      let plan = try await opsh(#"fleet.start "*""#, "--dry-run")
      #expect(plan.output.contains("starts bot[1-2], then bot3"), "\(plan)")
      #expect(plan.output.contains("bot1 is ready when its log has \"logged in as bot1\", within 30 s"), "\(plan)")
      #expect(try fleet.bots().values.allSatisfy { $0 == "down" })
      let started = try await opsh(#"fleet.start "*""#, "--yes")
      #expect(started.status == 0 && started.output.contains("started 3 of 3 bots"), "\(started)")
      #expect(started.output.contains("left out: bot4 (live bot; name it to include)"), "\(started)")
      #expect(try fleet.bots()["bot4"] == "down")
      let live = try await opsh(#"fleet.start(systems.get("demo").roles.trader)"#, "--yes")
      #expect(live.status == 0 && live.output.contains("started 2 of 2 bots"), "\(live)")
      let before = fleet.processes()
      let again = try await opsh(#"fleet.restart{ on = "bot1,bot3", ordered = true }"#, "--yes")
      #expect(again.status == 0 && again.output.contains("stops bot3, then bot1"), "\(again)")
      let after = fleet.processes()
      #expect(after["bot1"] != before["bot1"] && after["bot3"] != before["bot3"] && after["bot4"] == before["bot4"])
    }
  }

  @Test func `what needs a bot that is late is not started, and a deploy keeps a live bot down`() async throws {
    try await with(within: "2") { fleet in
      let opsh = fleet.opsh
      _ = try await opsh(#"fleet.stop "*""#, "--yes")
      try await fleet.lab.break(.laggard, host: "web001")
      let started = try await opsh(#"fleet.start "bot1,bot3""#, "--yes")
      #expect(
        started.output.contains(#"not ready within 2 s: no line of its log has "logged in as bot1""#),
        "\(started)"
      )
      #expect(started.output.contains("bot3 on web002: failed: not started: it needs bot1, not ready"), "\(started)")
      #expect(started.status == 1, "\(started)")
      #expect(try fleet.bots()["bot3"] == "down" && fleet.bots()["bot1"] != "down")
      try await fleet.lab.mend()
      let deployed = try await opsh(#"fleet.deploy<target="web002", image="v2">"#, "--yes")
      #expect(deployed.output.contains("live, left down as found"), "\(deployed)")
      let bots = try fleet.bots()
      #expect(bots["bot4"] == "down" && bots["bot3"]?.hasPrefix("v2") == true, "\(bots)")
      #expect(try await opsh(#"print(fleet.status("bot4")[1].image)"#).output.contains("v2"))
    }
  }

  /// Runs opsh on a site of this machine with a plugin `desk` that says these kinds.
  private func local(_ site: String, kinds: String, _ words: [String]) async throws -> Opsh.Outcome {
    let directory = RealFleet.scratch()
    let folder = directory + "/plugins/desk"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let files = [
      "plugins/desk/plugin.lua": #"return { id = "desk", version = "1.0.0", api = 2, summary = "A desk" }"#,
      "plugins/desk/system.lua": kinds, "site.lua": site,
    ]
    for (name, text) in files { try text.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8) }
    return try await Opsh(site: directory + "/site.lua", home: directory).run(words)
  }

  private static let claimed = """
    return {
      name = "x", hosts = { { name = "me", transport = "local", bots = "bot[1-2]" } },
      systems = {
        a = { plugin = "desk", on = "me" },
        b = { plugin = "desk", on = "me" },
      },
    }
    """

  @Test func `two systems that claim one bot are told with file and line, and stopping works all the same`()
    async throws
  {
    let kinds = "return { bots = { bot1 = {} } }"
    let run = try await local(Self.claimed, kinds: kinds, ["-e", "print(1)"])
    #expect(run.status == 65, "\(run)")
    #expect(
      run.errors.contains(
        "site.lua:5: systems.b: expected bots that belong to one system each, got 'bot1' on me, which the systems 'a' "
          + "and 'b' both claim"
      ),
      "\(run)"
    )
    let stop = try await local(Self.claimed, kinds: kinds, ["stop", "bot1"])
    #expect(stop.status == 0 && stop.output.contains("stopped 0 of 1 bot"), "\(stop)")
  }

  @Test func `bots of a system whose plugin is broken count as live, and the rest works`() async throws {
    let site = """
      return {
        name = "x", hosts = { { name = "me", transport = "local", bots = "a-bot1,bot2" } },
        systems = { a = { plugin = "desk", on = "me", prefix = "a-" } },
      }
      """
    let kinds = "return {\n  bots = { bot1 = { needs = { 'bot1' } } },\n}"
    let run = try await local(site, kinds: kinds, ["--dry-run", "-e", #"fleet.start "*""#])
    let output = run.output + run.errors
    #expect(
      output.contains("system.lua:2: bots.bot1.needs: expected needs without a cycle, got bot1 needs bot1"),
      "\(run)"
    )
    #expect(
      output.contains("left out: a-bot1 (may be live: plugin 'desk' is not loaded; name it to include)"),
      "\(run)"
    )
    #expect(output.contains("would start"), "\(run)")
  }
}
