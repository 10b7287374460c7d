import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Site
import Testing

@testable import Fleet

struct StragglerTests {
  /// A fleet of two hosts where bots of web001 wait for their login.
  private func waiting(looksUntilLogin: Int = .max) throws -> FleetOfModels {
    let models = try FleetOfModels(hosts: 2)
    models.model("web001") { host in
      host.looksUntilLogin = looksUntilLogin
      host.bots["bot1"]?.login = "waiting"
      host.bots["bot3"]?.login = "limited"
    }
    return models
  }

  private func recheck(_ models: FleetOfModels, wait: Int) async throws -> [BotStatus] {
    let request = try models.request(DeployArguments(target: "all", image: "v1"))
    let first = Verification(await models.fleet.survey(request.shares), image: request.image)
    let fleet = models.fleet
    return await lettingTimePass(models.clock) {
      await fleet.recheck(first, shares: request.shares, wait: wait)
    }
  }

  @Test func `stragglers are only looked at, and nobody else is`() async throws {
    let models = try waiting()
    let before = models.transport.sent.count
    let seen = try await recheck(models, wait: 20)
    #expect(seen.map(\.bot) == ["bot1", "bot3"])
    #expect(models.transport.changes == [])
    // The survey of both hosts comes first.
    let looks = models.transport.sent.dropFirst(before + 2)
    #expect(!looks.isEmpty)
    #expect(looks.allSatisfy { $0.host == "web001" && $0.line.hasSuffix("--bots 'bot1 bot3'") })
  }

  @Test func `the countdown goes down to its end`() async throws {
    let models = try waiting()
    _ = try await recheck(models, wait: 12)
    let lines = models.dialogue.lines.map(\.line)
    #expect(lines.first == "re-checking 2 stragglers — 12s left")
    #expect(lines.last == "re-checking 2 stragglers — 1s left")
    #expect(lines.count == 12)
    #expect(models.clock.now.offset == .seconds(12))
  }

  @Test func `it ends early when all are in`() async throws {
    let models = try FleetOfModels(hosts: 2)
    models.model("web001") { host in
      host.looksUntilLogin = 2
      host.bots["bot1"]?.login = "waiting"
    }
    let seen = try await recheck(models, wait: 60)
    #expect(seen.map(\.login) == ["yes"])
    #expect(models.clock.now.offset < .seconds(15))
    #expect(models.dialogue.said.last?.contains("logged in during wait : 1/1") == true)
    #expect(models.dialogue.said.last?.contains("STILL not logged in   : 0") == true)
  }

  @Test func `who is still out is listed by name`() async throws {
    let models = try waiting()
    _ = try await recheck(models, wait: 5)
    #expect(
      models.dialogue.said.last == """
        ── retry result ──
        logged in during wait : 0/2
        STILL not logged in   : 2 -> bot[1,3]
        """
    )
  }

  @Test func `a cancelled wait ends at once and still says where it stands`() async throws {
    let models = try waiting()
    let request = try models.request(DeployArguments(target: "all", image: "v1"))
    let first = Verification(await models.fleet.survey(request.shares), image: request.image)
    let fleet = models.fleet
    let task = Task { await fleet.recheck(first, shares: request.shares, wait: 3600) }
    await models.clock.sleepers(atLeast: 1)
    task.cancel()
    let seen = await task.value
    #expect(seen.count == 2)
    #expect(models.clock.now.offset == .zero)
    #expect(models.dialogue.said.last?.contains("STILL not logged in   : 2 -> bot[1,3]") == true)
  }
}
