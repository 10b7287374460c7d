import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Site
import Testing

@testable import Fleet

/// Live bots: started and restarted only when they are named, stopped like all others, and deployed as they are found.
struct LiveBotTests {
  /// Selections that cover bot2 and name it, or not.
  static let selections: [(Value, isNamed: Bool)] = [
    (.string("bot2"), true), (.string("bot1,bot2"), true), (.string("web001&bot2"), true), (.int(2), true),
    (.array([.string("bot1"), .string("bot2")]), true), (.set("bot[1-3]"), true), (.set("bot2"), true),
    (.string("bot[1-3]"), false), (.string("bot*"), false), (.string("*"), false), (.string("web001"), false),
    (.string("@production"), false), (.set("web001"), false), (.set("bot2,web001"), true),
    (.string("web001,bot1"), false),
  ]

  @Test(arguments: selections.indices) func `a start leaves out a live bot that is not named`(_ index: Int) async throws
  {
    let (on, isNamed) = Self.selections[index]
    let models = try SystemOfModels.fleet()
    // What it needs is up.
    models.model("web001") { $0.bots["bot2"]?.state = "down" }
    let seen = try await models.control(.start, on)
    #expect(seen.contains { $0.bot == "bot2" } == isNamed)
    #expect(models.states.contains("bot2 \(isNamed ? "running" : "down")"))
    let said = models.dialogue.said.contains { $0 == "left out: bot2 (live bot; name it to include)" }
    #expect(said != isNamed, "\(models.dialogue.said)")
  }

  @Test func `a restart leaves a live bot alone, and says so`() async throws {
    let models = try SystemOfModels.fleet()
    _ = try await models.control(.restart, .string("web001"))
    #expect(models.dialogue.said.contains("left out: bot2 (live bot; name it to include)"))
    #expect(models.dialogue.said.contains("restarted 2 of 2 bots"))
  }

  @Test func `a selection of nothing but live bots is refused with what to type`() async throws {
    let models = try SystemOfModels.fleet()
    let failure = await #expect(throws: CallFailure.self) { try await models.control(.start, .string("bot2*")) }
    #expect(failure?.code == "fleet.live_only")
    #expect(failure?.hint == "name each, for example fleet.start<on=\"bot2\">")
  }

  @Test func `a plan says which live bots it leaves out`() async throws {
    let models = try SystemOfModels.fleet()
    models.halt()
    let seen = try await models.control(.start, .string("*"), dry: true)
    #expect(!seen.map(\.bot).contains("bot2"))
    #expect(models.dialogue.said.contains("left out: bot2 (live bot; name it to include)"))
    #expect(models.states.allSatisfy { $0.hasSuffix(" down") })
  }

  @Test func `a stop leaves no live bot out`() async throws {
    let models = try SystemOfModels.fleet()
    var wish = StopWish()
    wish.isOnPurpose = true
    let fleet = models.fleet
    let stopped = try await lettingTimePass(models.clock) { [wish] in try await fleet.stop("*", wish, dry: false) }
    #expect(stopped.map(\.bot).contains("bot2") && models.states.allSatisfy { $0.hasSuffix(" down") })
  }

  @Test func `a deploy keeps a live bot down that it found down, and running what it found running`() async throws {
    let models = try SystemOfModels.fleet()
    models.model("web001") { $0.bots["bot2"]?.state = "down" }
    let plan = try await models.fleet.plan(try models.request(DeployArguments(target: "web001")), seed: 7)
    #expect(plan.render().contains("bot2: not running, and not started"))
    _ = try await models.deploy(DeployArguments(target: "web001"), yes: true)
    let bots = try #require(models.state("web001")?.bots)
    let v2 = FleetOfModels.digests["v2"]
    #expect(bots["bot2"]?.state == "down" && bots["bot2"]?.digest == v2)
    #expect(bots["bot1"]?.state == "running" && bots["bot1"]?.digest == v2)
    #expect(models.dialogue.said.contains { $0.contains("live, left down as found : 1 -> bot2") })
    // What is there already is not swapped again.
    let again = try await models.fleet.plan(try models.request(DeployArguments(target: "web001")), seed: 7)
    #expect(again.isFinished)
  }

  @Test func `a rollback of a deploy keeps a live bot as it is found, too`() async throws {
    let models = try SystemOfModels.fleet()
    models.model("web001") { $0.bots["bot2"]?.state = "down" }
    let runtime = try models.runtime()
    let v2 = ImageReference(name: "v2", digest: try #require(FleetOfModels.digests["v2"]), source: "")
    let swap = SwapBots(
      host: try models.host("web001").hostAddress,
      bots: ["bot1", "bot2"],
      image: v2,
      runtime: runtime,
      timing: .init(stop: 1, settle: 1, loginWait: 0),
      asFound: ["bot2"]
    )
    let run = models.run()
    let fleet = models.fleet
    let found = try await lettingTimePass(models.clock) {
      try await fleet.perform(swap, with: runtime, on: swap.host, in: run)
    }
    let outcome = try #require(found)
    #expect(outcome.isGood && outcome.bots.map(\.isStill) == [nil, true])
    let inverse = try #require(swap.inverse(of: outcome) as? SwapBots)
    #expect(inverse.asFound == ["bot2"])
    let undone = try await lettingTimePass(models.clock) { try await inverse.perform(in: fleet.world) }
    #expect(undone.isGood)
    #expect(models.state("web001")?.bots["bot2"]?.state == "down")
    #expect(models.state("web001")?.bots["bot2"]?.digest == FleetOfModels.digests["v1"])
  }

  @Test func `a swap without live bots is written down as it always was`() throws {
    let models = try FleetOfModels(hosts: 1)
    let request = try models.request(DeployArguments(target: "web001"))
    #expect(request.live.isEmpty && request.asFound(of: request.shares[0]) == nil)
  }
}
