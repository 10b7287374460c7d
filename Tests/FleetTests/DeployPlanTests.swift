import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Rollout
import Site
import Testing

@testable import Fleet

struct DeployPlanTests {
  private func plan(_ models: FleetOfModels, _ arguments: DeployArguments) async throws -> DeployPlan {
    try await models.fleet.plan(try models.request(arguments), seed: 7)
  }

  @Test func `six hosts at the routine speed`() async throws {
    let plan = try await plan(FleetOfModels(), DeployArguments(target: "all", speed: "routine"))
    #expect(
      plan.render() == """
        ================ deploy plan ================
        Target            ALL production bots
        Hosts             6 (18 bots): web[001-006]
        Image             v1 → v2 (2b2b2b2b2b2b)
        Speed             routine: almost always
        Concurrency       4 hosts at a time (~12 simultaneous logins)
        Graceful stop     35s, then killed; stable means 10s unbroken
        Error halt        10%: 0 tolerated, error 1 stops
        Worst case        3 hosts, 9 bots; a wholly bad release hurts 1 host, 3 bots
        Canary and gates  web002 first; window 1, 2, 4; gate after it, then every tenth
        Est. duration     ~72-143s (from the table of speeds)
        =============================================
        """
    )
    #expect(plan.confirmation == "6")
  }

  // A plan said nothing of the site's gates, and a gate that no check is called halted the deploy after its first host.
  @Test func `gates of the site are in the plan, and one that can never tell refuses before a host`() async throws {
    let models = try FleetOfModels(answers: ["6"], gate: PretendGate())
    let plan = try await plan(models, DeployArguments(target: "all", speed: "routine"))
    #expect(plan.render().contains("\nGates of the site  host.*: asked after the canary and between waves\n"))
    #expect(plan.line.hasSuffix("; gates: host.*"))
    let fast = try await self.plan(models, DeployArguments(target: "all", speed: "immediate", reason: "x"))
    #expect(fast.render().contains("\nGates of the site  host.*: not asked at this speed\n"))

    let problem = CallFailure(.invalid, code: "check.unknown", message: "no check is called 'hst.*'", hint: "mend it")
    let wrong = try FleetOfModels(answers: ["6"], gate: PretendGate(flaw: problem))
    let failure = await wrong.failure(DeployArguments(target: "all", speed: "routine"))
    #expect(failure?.code == "gate.unknown" && failure?.hint == "mend it")
    #expect(wrong.dialogue.text.contains("\nGates of the site  no check is called 'hst.*'\n"))
    #expect(wrong.dialogue.asked == [])
    #expect(wrong.site.hosts.allSatisfy { wrong.state($0.name)?.verbs == [] })
  }

  private struct PretendGate: Gate {
    let name = "pretend"
    var flaw: CallFailure?

    func judge(_ point: GatePoint, in surroundings: Surroundings) async -> GuardAnswer { .allow }
    func subjects(in surroundings: Surroundings) -> [String] { ["host.*"] }
    func problem(in surroundings: Surroundings) -> CallFailure? { flaw }
  }

  @Test func `178 hosts at the routine speed`() async throws {
    let plan = try await plan(FleetOfModels(hosts: 178), DeployArguments(target: "all", speed: "routine"))
    let lines = plan.render().split(separator: "\n")
    #expect(lines.contains("Hosts             178 (534 bots): web[001-178]"))
    #expect(lines.contains("Concurrency       5 hosts at a time (~15 simultaneous logins)"))
    // R1-36: 17 tolerated, the 18th stops; 17 + the window of 5 is 22 hosts, 66 bots.
    #expect(
      lines.contains(
        "Worst case        22 hosts, 66 bots; a wholly bad release hurts 1 host, 3 bots"
      )
    )
    #expect(lines.contains("Est. duration     ~15-30 min (from the table of speeds)"))
    #expect(plan.confirmation == "178")
  }

  @Test func `178 hosts at the fast speed`() async throws {
    let plan = try await plan(FleetOfModels(hosts: 178), DeployArguments(target: "all", speed: "fast"))
    let lines = plan.render().split(separator: "\n")
    #expect(lines.contains("Concurrency       10 hosts at a time (~30 simultaneous logins)"))
    #expect(lines.contains("Graceful stop     20s, then killed; stable means 10s unbroken"))
    #expect(lines.contains { $0.hasPrefix("Worst case") && $0.contains("27 hosts, 81 bots") })
    #expect(lines.contains("Est. duration     ~8-15 min (from the table of speeds)"))
  }

  @Test func `immediate warns of the storm`() async throws {
    let plan = try await plan(
      FleetOfModels(hosts: 178),
      DeployArguments(target: "all", speed: "immediate", reason: "exchange migration")
    )
    #expect(
      plan.render() == """
        ================ deploy plan ================
        WARNING: every bot on every host restarts together: ~534 logins at the same moment.
        The login service may rate-limit them and bots may crash-loop until the storm clears.
        Use routine or fast unless this is a genuine emergency.
        Target            ALL production bots
        Hosts             178 (534 bots): web[001-178]
        Image             v1 → v2 (2b2b2b2b2b2b)
        Speed             immediate: only for a genuine emergency
        Concurrency       178 hosts at a time (~534 simultaneous logins)
        Graceful stop     5s, then killed; stable means 5s unbroken
        Jitter            each host waits up to 60s
        Error halt        never: every host is tried
        Worst case        178 hosts, 534 bots; a wholly bad release hurts 178 hosts, 534 bots
        Canary and gates  none: every host at once
        Est. duration     fires over ~60s (from the table of speeds)
        Reason            exchange migration
        =============================================
        """
    )
  }

  @Test func `one bot`() async throws {
    let plan = try await plan(FleetOfModels(), DeployArguments(bot: try BotNumber(.int(5))))
    let lines = plan.render().split(separator: "\n")
    #expect(lines.contains("Target            one bot: bot5"))
    #expect(lines.contains("Hosts             1 (1 bot): web002"))
    // R1-37: a share of one host is 0, so the first error stops.
    #expect(lines.contains { $0.contains("1 host, 1 bot; a wholly bad release") })
    #expect(plan.confirmation == "yes")
  }

  @Test func `hosts that do not answer are listed and left out`() async throws {
    let models = try FleetOfModels()
    for host in ["web002", "web003"] {
      models.model(host) { $0.problem = .unreachable(host: host, reason: "connection refused", hint: nil) }
    }
    let plan = try await plan(models, DeployArguments(target: "all"))
    #expect(plan.rollout?.order.contains("web002") == false)
    #expect(plan.rollout?.excluded.keys.sorted() == ["web002", "web003"])
    #expect(
      plan.render().contains(
        "Known down        web[002-003] (2, left out): connection refused"
      )
    )
    #expect(plan.confirmation == "6")
  }

  @Test func `hosts that run the image are already there`() async throws {
    let models = try FleetOfModels()
    models.model("web004") { host in
      for bot in host.bots.keys { host.bots[bot]?.digest = FleetOfModels.digests["v2"] ?? "" }
    }
    models.model("web005") { $0.bots["bot13"]?.digest = FleetOfModels.digests["v2"] ?? "" }
    let plan = try await plan(models, DeployArguments(target: "all"))
    #expect(plan.finished == ["web004"])
    #expect(plan.render().contains("Already there     web004 (1 host, left as they are)"))
    #expect(plan.render().contains("Image             v1 (14), v2 (4) → v2"))
  }

  @Test func `measured times replace the table`() async throws {
    let models = try FleetOfModels()
    for host in models.site.hosts { models.fleet.hostTimes.add(host.name, .seconds(8)) }
    let plan = try await plan(models, DeployArguments(target: "all"))
    // Waves of 1, 2 and 3 hosts.
    #expect(plan.render().contains("Est. duration     ~24s (from measured host times)"))
  }

  @Test func `the worst plan of 500 hosts fits 24 lines`() async throws {
    let models = try FleetOfModels(hosts: 500, bots: 1500)
    for (index, host) in models.site.hosts.enumerated() where index % 3 == 0 {
      models.model(host.name) { $0.problem = .unreachable(host: host.name, reason: "connection refused", hint: nil) }
    }
    for (index, host) in models.site.hosts.enumerated() where index % 3 == 1 {
      models.model(host.name) { model in
        for bot in model.bots.keys { model.bots[bot]?.digest = FleetOfModels.digests["v2"] ?? "" }
      }
    }
    let plan = try await plan(
      models,
      DeployArguments(target: "all", speed: "immediate", reason: String(repeating: "because ", count: 20))
    )
    let lines = plan.render().split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= 24)
    // Scattered names are the reader's problem, not the terminal's: a line wraps at most twice on 80 columns.
    #expect(lines.allSatisfy { $0.count <= 240 }, "\(lines.map(\.count).max() ?? 0)")
    #expect(plan.knownDown.count == 167)
    #expect(plan.finished.count == 167)
  }

  @Test func `with every host down nothing begins`() async throws {
    let models = try FleetOfModels(hosts: 2)
    for host in ["web001", "web002"] {
      models.model(host) { $0.problem = .unreachable(host: host, reason: "no route to host", hint: nil) }
    }
    let failure = await models.failure(DeployArguments(target: "all"), yes: true)
    #expect(failure.map(ExitCode.init(failure:)) == .unreachableBudget)
    #expect(
      failure?.message
        == "none of the hosts can be reached (web[001-002]): web001 cannot be reached: no route to host"
    )
    #expect(models.dialogue.asked == [])
  }

  @Test func `a plan changes nothing and says the same as data`() async throws {
    let models = try FleetOfModels()
    let primitive = try #require(models.fleet.primitives.first { $0.info.name == "fleet.plan" })
    let value = try await primitive.call([.table(["target": "all".value, "speed": "fast".value])])
    #expect(value["hosts"] == (1...6).map { "web00\($0)" }.value)
    #expect(value["confirmation"] == "6".value)
    #expect(value["worst_hosts"] == 3.value)
    #expect(models.transport.changes == [])
  }
}
