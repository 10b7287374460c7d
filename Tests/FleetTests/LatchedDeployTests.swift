import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Rollout
import Site
import Testing

@testable import Fleet

/// What a deploy says and does where bots have stop marks.
struct LatchedDeployTests {
  private func marked() throws -> FleetOfModels {
    let models = try FleetOfModels(answers: ["6"])
    // web003 has bot7 to bot9.
    models.model("web003") { host in
      host.marks["bot7"] = .init(mode: "close_only")
      host.marks["bot8"] = .init(mode: "halt_all")
      host.bots["bot8"]?.state = "down"
    }
    models.model("web001") { host in
      host.marks["bot2"] = .init(mode: "stop")
      host.bots["bot2"]?.state = "down"
    }
    return models
  }

  @Test func `a plan shows the latches it leaves out and the marks it clears`() async throws {
    let models = try marked()
    let plan = try await models.fleet.plan(try models.request(DeployArguments(target: "all")), seed: 7)
    let lines = plan.render().split(separator: "\n")
    let latched = " bot[7-8] (halt_all, close_only): left out, lift first"
    #expect(lines.contains { $0.hasPrefix("Latched ") && $0.hasSuffix(latched) })
    #expect(lines.contains { $0.hasPrefix("Clears stop marks of  bot2") })
    #expect(plan.line.contains("; latched: bot[7-8]; clears stop marks of bot2"))
    #expect(plan.value["latched"] == ["bot7", "bot8"].value)
    #expect(plan.value["clears_stop_marks"] == ["bot2"].value)
    #expect(plan.rollout?.order.contains("web003") == true, "bot9 has none")
  }

  @Test func `a dry run counts no latched bot as a swap`() async throws {
    let models = try marked()
    _ = try await models.deploy(DeployArguments(target: "all", speed: "routine"), dry: true)
    let said = models.dialogue.said.joined(separator: "\n")
    #expect(said.contains("  web003 (1)\n"), "\(said)")
    #expect(said.contains("    swap 1 bot to v2\n    leave out 2 bots with a latch"), "\(said)")
  }

  @Test func `a host with nothing but latches is no part of the rollout`() async throws {
    let models = try marked()
    models.model("web003") { $0.marks["bot9"] = .init(mode: "close_only") }
    let plan = try await models.fleet.plan(try models.request(DeployArguments(target: "all")), seed: 7)
    #expect(plan.rollout?.order.contains("web003") == false)
    #expect(plan.rollout?.excluded == ["web003": "latched: lift first"])
  }

  @Test func `a live deploy leaves a latched bot running and says how to lift it`() async throws {
    let models = try marked()
    _ = try await models.deploy(DeployArguments(target: "all", speed: "routine"))
    let said = models.dialogue.said.joined(separator: "\n")
    let latch = "bot7 has a latch (close_only, set by alice: wrong prices)"
    let refused = "\(latch); lift it first: `opsh lift bot7 --reason …`"
    #expect(said.contains(refused), "\(said)")
    #expect(!said.contains("bot7 was stopped"))
    let host = try #require(models.state("web003"))
    #expect(host.bots["bot7"]?.state == "running" && host.bots["bot7"]?.digest == FleetOfModels.digests["v1"])
    #expect(host.bots["bot9"]?.digest == FleetOfModels.digests["v2"])
    #expect(models.state("web001")?.bots["bot2"]?.state == "running")
  }

  @Test func `a deploy of nothing but latched bots is refused before the question`() async throws {
    let models = try marked()
    let failure = await models.failure(DeployArguments(bot: try BotNumber(.int(7))))
    #expect(failure?.code == "fleet.latched" && failure?.failureClass == .refused)
    #expect(failure?.hint == "lift it first: `opsh lift bot7 --reason …`")
    #expect(models.dialogue.asked == [] && models.transport.changes == [])
  }

  @Test func `a refused restart is no restart, and the bot is told to run`() async throws {
    let models = try marked()
    let bots = try await lettingTimePass(models.clock) {
      try await models.fleet.control(.restart, "bot7", grace: .seconds(35), check: false, dry: false)
    }
    #expect(bots.map(\.state) == ["running"] && bots.map(\.isChanged) == [false])
    let said = models.dialogue.said.joined(separator: "\n")
    #expect(said.contains("restarted 0 of 1 bot"))
    #expect(said.contains("bot7 on web003: running: has a latch (close_only, set by alice: wrong prices)"), "\(said)")
  }
}
