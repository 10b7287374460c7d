import HostScript
import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Site
import Testing

@testable import Fleet

struct DeployFlowTests {
  private let all = DeployArguments(target: "all", speed: "routine")

  /// Hosts of a class in a report.
  private func hosts(_ report: Value, _ outcome: String) -> [String] {
    (try? [String](report["classes"][outcome])) ?? []
  }

  @Test func `a good release reaches every bot`() async throws {
    let models = try FleetOfModels()
    let report = try await models.deploy(all, yes: true)
    #expect(report["result"] == "Success".value)
    #expect(report["exit_code"] == 0.value)
    #expect(hosts(report, "ok").count == 6)
    #expect(report["verification"]["logged_in"] == (1...18).map { "bot\($0)" }.value)
    #expect(models.dialogue.notes == [.ok])
    #expect(models.dialogue.said.last == "✅ all 18 bots run v2 and are logged in")
    for host in models.site.hosts where host.name != "stage01" {
      #expect(models.state(host.name)?.verbs == ["swap"])
    }
    #expect(models.state("stage01")?.verbs == [])
  }

  @Test func `a bad release touches one host and the rest is never started`() async throws {
    let models = try FleetOfModels(hosts: 30)
    for host in models.site.hosts { models.model(host.name) { $0.swap = .rollsBack } }
    let failure = await models.failure(all, yes: true)
    #expect(failure?.code == "rollout.halted")
    #expect(failure.map(ExitCode.init(failure:)) == .budgetBreached)
    #expect(failure?.message.contains("stopped after 1 of 30 hosts") == true)
    let touched = models.site.hosts.filter { models.state($0.name)?.verbs.isEmpty == false }
    #expect(touched.count == 1)
    let report = try #require(models.dialogue.events("deploy.result").first?.fields)
    #expect(report["result"] == "Halted".value)
    #expect(hosts(.table(report), "failed").count == 1)
    #expect(hosts(.table(report), "skipped").count == 29)
  }

  @Test(arguments: [("continue", "", 6), ("stop", "rollout.halted", 1), ("", "rollout.halted", 1)])
  func `a gate that cannot tell asks the operator`(answer: String, code: String, touched: Int) async throws {
    let models = try FleetOfModels(answers: ["6"] + (0..<6).map { _ in answer })
    for host in models.site.hosts { models.model(host.name) { $0.loginAfterStart = "no" } }
    let failure = await models.failure(all)
    #expect(failure?.code ?? "" == code)
    #expect(models.dialogue.asked.contains { $0.hasPrefix("The gate is inconclusive: none of the 3 new bots") })
    #expect(models.site.hosts.filter { models.state($0.name)?.verbs == ["swap"] }.count == touched)
  }

  @Test func `a host is no bot`() async throws {
    let models = try FleetOfModels()
    let failure = await models.failure(DeployArguments(bot: try BotNumber("web001".value)), yes: true)
    #expect(failure?.message == "bot= takes one bot, and 'web001' selects 3")
  }

  @Test func `a host that lies is caught by the second look`() async throws {
    let models = try FleetOfModels(hosts: 2)
    models.model("web001") { $0.swap = .lies }
    models.model("web002") { $0.swap = .lies }
    let failure = await models.failure(all, yes: true)
    #expect(failure?.code == "rollout.halted")
    #expect(models.dialogue.text.contains("the host said swapped, but it is not running v2"))
  }

  @Test func `a lost connection re-attaches with the same run`() async throws {
    let models = try FleetOfModels(hosts: 2)
    models.model("web001") { $0.losses = 1 }
    let report = try await models.deploy(all, yes: true)
    #expect(report["result"] == "Success".value)
    let runs = try #require(models.state("web001")?.runs)
    #expect(runs.count == 2)
    #expect(Set(runs).count == 1)
    let run = try String(report["run"])
    #expect(runs.allSatisfy { $0.hasPrefix("\(run)-") })
  }

  @Test func `a connection that stays lost leaves the host unknown and stops`() async throws {
    let models = try FleetOfModels(hosts: 4)
    for host in models.site.hosts { models.model(host.name) { $0.losses = 9 } }
    let failure = await models.failure(all, yes: true)
    #expect(failure?.code == "rollout.unknown")
    #expect(failure.map(ExitCode.init(failure:)) == .unknownOutcomes)
    let report = try #require(models.dialogue.events("deploy.result").first?.fields)
    #expect(hosts(.table(report), "unknown").count == 1)
    #expect(hosts(.table(report), "ok") == [])
    #expect(report["exit_code"] == 9.value)
  }

  @Test func `a host that gives no result stays unknown`() async throws {
    let models = try FleetOfModels(hosts: 1)
    models.model("web001") { $0.swap = .silent }
    let failure = await models.failure(all, yes: true)
    #expect(failure?.code == "rollout.unknown")
    #expect(models.dialogue.text.contains("bot[1-3] returned no result"))
  }

  @Test func `a host that is down before costs no budget and is not success`() async throws {
    let models = try FleetOfModels()
    models.model("web003") { $0.problem = .unreachable(host: "web003", reason: "no route to host", hint: nil) }
    let report = try await models.deploy(all, yes: true)
    #expect(report["result"] == "Partial".value)
    #expect(hosts(report, "excluded") == ["web003"])
    #expect(hosts(report, "ok").count == 5)
    #expect(report["verification"]["unknown"] == ["bot7", "bot8", "bot9"].value)
    #expect(models.dialogue.notes == [.failuresWithinBudget])
    #expect(models.dialogue.said.last?.hasPrefix("✗ Partial") == true)
  }

  @Test func `bots on the image already are left alone`() async throws {
    let models = try FleetOfModels(hosts: 2)
    _ = try await models.deploy(all, yes: true)
    let report = try await models.deploy(all, yes: true)
    #expect(report["result"] == "Success".value)
    #expect(models.dialogue.text.contains("Nothing to do  every bot already runs v2"))
  }

  @Test func `bots that do not log in are re-checked and not restarted`() async throws {
    let models = try FleetOfModels(hosts: 1)
    models.model("web001") { host in
      host.loginAfterStart = "waiting"
      host.looksUntilLogin = 8
    }
    let report = try await models.deploy(all, yes: true)
    #expect(report["result"] == "Success".value)
    #expect(models.state("web001")?.verbs == ["swap"])
    #expect(models.dialogue.text.contains("logged in during wait : 3/3"))
  }

  @Test func `bots that never log in make it partial`() async throws {
    let models = try FleetOfModels(hosts: 1)
    models.model("web001") { $0.loginAfterStart = "waiting" }
    let report = try await models.deploy(all, yes: true)
    #expect(report["result"] == "Partial".value)
    #expect(report["exit_code"] == 1.value)
    #expect(report["verification"]["not_logged_in"] == ["bot1", "bot2", "bot3"].value)
    #expect(models.state("web001")?.verbs == ["swap"])
  }

  @Test func `a drifted script is replaced before it is used`() async throws {
    let models = try FleetOfModels(hosts: 1)
    models.model("web001") { $0.script = String(repeating: "0", count: 64) }
    #expect(try await models.deploy(all, yes: true)["result"] == "Success".value)
    #expect(models.state("web001")?.script == (try models.runtime().script.sha256))
  }

  @Test func `every event of a deploy carries its run`() async throws {
    let models = try FleetOfModels(hosts: 3)
    let report = try await models.deploy(all, yes: true)
    let names = Set(models.dialogue.events().map(\.name))
    #expect(
      names == [
        "deploy.plan", "deploy.confirmed", "deploy.host", "deploy.gate", "deploy.progress", "deploy.result",
      ]
    )
    for event in models.dialogue.events() {
      #expect(event.fields["run"] == report["run"], "\(event.name)")
    }
    #expect(Set(models.dialogue.events("deploy.host").compactMap { $0.fields["host"]?.literal }).count == 3)
    #expect(models.dialogue.events("deploy.progress").last?.fields["finished"] == 3.value)
  }

  @Test func `a dry run looks and predicts and changes nothing`() async throws {
    let models = try FleetOfModels()
    models.model("web001") { host in
      for bot in host.bots.keys { host.bots[bot]?.digest = FleetOfModels.digests["v2"] ?? "" }
    }
    let report = try await models.deploy(all, dry: true)
    #expect(models.transport.changes == [])
    #expect(models.dialogue.asked == [])
    #expect(report["result"] == "Dry run".value)
    #expect(
      models.dialogue.said.last == """
        operations, by host:
          web[002-006] (5)
            install the host script \(try models.runtime().script.sha256.prefix(12))
            swap 3 bots to v2
          web001 (1)
            install the host script \(try models.runtime().script.sha256.prefix(12))
            leave alone 3 bots
        dry run: nothing was changed
        """
    )
    #expect(models.dialogue.notes == [])
  }

  @Test func `the first Ctrl-C lets hosts in flight finish and starts no more`() async throws {
    let models = try FleetOfModels(hosts: 20)
    let fleet = models.fleet, arguments = all
    let task = Task { try await fleet.deploy(arguments, assumesYes: true, dry: false) }
    // The canary is at work.
    await models.clock.sleepers(atLeast: 1)
    task.cancel()
    let result = await lettingTimePass(models.clock) { await task.result }
    let failure = #expect(throws: CallFailure.self) { try result.get() }
    #expect(failure?.code == "rollout.interrupted")
    #expect(failure.map(ExitCode.init(failure:)) == .interrupted)
    let report = try #require(models.dialogue.events("deploy.result").first?.fields)
    #expect(hosts(.table(report), "ok").count == 1)
    #expect(hosts(.table(report), "skipped").count == 19)
    #expect(report["verification"]?["total"] == 60.value)
    #expect(models.dialogue.text.contains("stopping: no new host starts; still changing: web0"))
  }

  @Test func `Ctrl-C while stragglers are waited for ends the wait and says who is out`() async throws {
    let models = try FleetOfModels(hosts: 1)
    models.model("web001") { host in
      host.loginAfterStart = "waiting"
      host.swapTime = .zero
    }
    let fleet = models.fleet, arguments = all
    let task = Task { try await fleet.deploy(arguments, assumesYes: true, dry: false) }
    // Nothing but the wait for stragglers sleeps.
    await models.clock.sleepers(atLeast: 1)
    task.cancel()
    let report = try await task.value.value
    #expect(report["result"] == "Partial".value)
    #expect(models.dialogue.text.contains("STILL not logged in   : 3 -> bot[1-3]"))
    #expect(models.clock.now.offset == .zero)
    #expect(models.dialogue.notes == [.failuresWithinBudget])
  }

  @Test func `the second Ctrl-C lets go of the hosts in flight`() async throws {
    let models = try FleetOfModels(hosts: 20)
    let fleet = models.fleet, arguments = all
    let task = Task { try await fleet.deploy(arguments, assumesYes: true, dry: false) }
    await models.clock.sleepers(atLeast: 1)
    models.interruptions.press()
    task.cancel()
    models.interruptions.press()
    // Time stands still: nothing that is in flight can finish.
    let failure = await #expect(throws: CallFailure.self) { try await task.value }
    #expect(failure?.code == "rollout.interrupted")
    let report = try #require(models.dialogue.events("deploy.result").first?.fields)
    #expect(hosts(.table(report), "unknown").count == 1)
    #expect(hosts(.table(report), "skipped").count == 19)
  }
}
