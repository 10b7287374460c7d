import HostScript
import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Site
import Testing

@testable import Fleet

/// What the operations on bots say of their own outcomes, for whoever undoes them.
struct UndoJudgementTests {
  private func swap(_ models: FleetOfModels, to image: String = "v2") throws -> SwapBots {
    let host = try models.host("web001")
    return SwapBots(
      host: host.hostAddress,
      bots: host.bots.names,
      image: try #require(models.site.fleet.images[image]).reference,
      runtime: try models.runtime(),
      timing: .init(stop: 5, settle: 2, loginWait: 0)
    )
  }

  private func control(_ verb: ControlBots.Verb, _ models: FleetOfModels) throws -> ControlBots {
    let host = try models.host("web001")
    return ControlBots(
      verb: verb,
      host: host.hostAddress,
      bots: host.bots.names,
      runtime: try models.runtime(),
      stopGrace: 1,
      settle: 1
    )
  }

  private func outcome(_ results: BotSwap.Result..., before: String? = "sha256:old") -> SwapOutcome {
    let bots = results.enumerated().map { index, result in
      BotSwap(bot: "bot\(index + 1)", result: result, before: before, detail: "")
    }
    return SwapOutcome(host: "web001", bots: bots)
  }

  @Test(arguments: [
    (BotSwap.Result.down, FailureClass.failed), (.failed, .failed), (.rolledBack, .failed), (.unknown, .unknownOutcome),
    (.stopped, .refused), (.refused, .refused),
  ])
  func `a swap falls short where one bot is not on its image, and names it`(
    _ result: BotSwap.Result,
    _ failureClass: FailureClass
  ) throws {
    let shortfall = try swap(FleetOfModels()).shortfall(in: outcome(.swapped, .unchanged, result))
    #expect(shortfall?.failureClass == failureClass)
    #expect(shortfall?.message.contains("bot3") == true && shortfall?.message.contains("bot1") == false)
    #expect((shortfall?.mark == .withheld) == (failureClass == .refused))
  }

  @Test func `a swap whose bot somebody stopped since does not fall short`() throws {
    var outcome = outcome(.swapped, .unchanged)
    outcome.bots[0].stoppedLater = true
    #expect(try swap(FleetOfModels()).shortfall(in: outcome) == nil)
  }

  @Test func `bots that are down or gave no result are swapped back with the others`() throws {
    var outcome = outcome(.swapped, .unchanged, .down, .failed, .unknown, .rolledBack, .refused)
    outcome.bots[4].before = nil
    let back = try swap(FleetOfModels()).inverse(of: outcome) as? SwapBots
    #expect(back?.bots == ["bot1", "bot3", "bot4", "bot5"])
    #expect(back?.act == "swap bots back to old")
  }

  // A host that died in the middle of a swap: its bot was in no inverse, and the run was called rolled back.
  @Test func `a bot that gave no result is in doubt, unless a look or the others tell what it ran`() async throws {
    let models = try FleetOfModels()
    let swap = try swap(models)
    var lone = outcome(.unchanged, .unknown, before: nil)
    #expect(swap.leftInDoubt(by: lone) && swap.inverses(of: lone).isEmpty)
    var several = outcome(.swapped, .swapped, .unknown)
    several.bots[1].before = "sha256:older"
    several.bots[2].before = nil
    #expect(swap.leftInDoubt(by: several))
    several.bots[1].before = "sha256:old"
    #expect(!swap.leftInDoubt(by: several), "they all ran the same")
    models.model("web001") { $0.bots["bot2"]?.state = "down" }
    let lines = try await HostCalls(runtime: models.runtime(), world: models.fleet.world, host: swap.host)
      .read(["inspect", "--bots", "bot1 bot2"])
    let found = lines.filter { $0.kind == .bot }.compactMap { try? HostBot($0) }
    lone.infer(from: found, swap.image.digest)
    #expect(lone.bots[1].result == .down && lone.bots[1].before == FleetOfModels.digests["v1"])
    #expect(!swap.leftInDoubt(by: lone))
    #expect((swap.inverse(of: lone) as? SwapBots)?.bots == ["bot2"])
    let latched = outcome(.refused, .refused)
    #expect(swap.leftAsFound(by: latched), "nothing was done")
  }

  @Test func `a bot of which the host says nothing is in doubt after a start, not after a restart`() throws {
    let models = try FleetOfModels()
    var bot = BotStatus.unknown("bot1", host: "web001", why: "the host did not report it")
    bot.state = "running"
    #expect(try control(.start, models).leftInDoubt(by: [bot]))
    #expect(try !control(.restart, models).leftInDoubt(by: [bot]))
    bot.isChanged = true
    #expect(try !control(.start, models).leftInDoubt(by: [bot]))
  }

  @Test func `bots that ran several images are swapped back to each`() throws {
    let swap = try swap(FleetOfModels())
    var outcome = outcome(.swapped, .swapped, .swapped)
    outcome.bots[1].before = "sha256:older"
    let all = swap.inverses(of: outcome).compactMap { $0 as? SwapBots }
    #expect(all.map(\.bots) == [["bot1", "bot3"], ["bot2"]])
    #expect(all.map(\.image.digest) == ["sha256:old", "sha256:older"])
    #expect(swap.inverse(of: outcome) == nil)
  }

  // It was sent without a source, and failed for ever where a later deploy had removed the image from the host.
  @Test func `a swap back gets its image as the site offers it, or says that nothing brings it back`() async throws {
    let models = try FleetOfModels()
    let old = try #require(FleetOfModels.digests["v1"])
    let swapped = outcome(.swapped, .swapped, .swapped, before: old)
    let back = try #require(try swap(models).inverse(of: swapped) as? SwapBots)
    let world = models.fleet.world
    #expect(try await back.obstacle(in: world) == nil)
    #expect(back.act(naming: world.releases) == "swap bots back to v1 (\(back.image.shortDigest))")
    _ = try? await lettingTimePass(models.clock) { try await back.perform(in: world) }
    let source = try #require(models.site.fleet.images["v1"]?.source)
    #expect(models.transport.sent.contains { $0.line.contains("--source \(source)") })

    let bare = world.offering(OfferedReleases())
    #expect(back.act(naming: bare.releases) == back.act)
    models.model("web001") { $0.images = "" }
    let why = "image \(back.image.shortDigest) is no longer there, and the site does not offer it"
    #expect(try await back.obstacle(in: bare) == why)
    models.model("web001") { $0.images = String(old.dropFirst("sha256:".count)) }
    #expect(try await back.obstacle(in: bare) == nil)
  }

  // It took back a later deploy without a word.
  @Test func `bots that were deployed to since are named before they go back`() async throws {
    let models = try FleetOfModels()
    let old = try #require(FleetOfModels.digests["v1"])
    models.model("web001") { host in
      for bot in ["bot1", "bot3"] { host.bots[bot]?.digest = FleetOfModels.digests["v2"] ?? "" }
      host.bots["bot2"]?.digest = "sha256:" + String(repeating: "3f", count: 32)
    }
    let swapped = outcome(.swapped, .swapped, .swapped, before: old)
    let back = try #require(try swap(models).inverse(of: swapped) as? SwapBots)
    guard case .exact(let predicted) = try await back.predict(in: models.fleet.world.dry) else { return }
    #expect(back.comment(on: predicted) == "bot2 runs 3f3f3f3f3f3f")
    var whole = back
    whole.leaves = nil
    #expect(whole.comment(on: predicted) == nil)
  }

  @Test func `a bot that came up and did not stay speaks against the release`() throws {
    let swap = try swap(FleetOfModels())
    var outcome = outcome(.swapped, .rolledBack, .failed)
    #expect(swap.verdict(of: outcome) == nil, "nothing says that it was started")
    outcome.bots[1].log = "panic: no such order"
    #expect(swap.verdict(of: outcome) == "bot2 did not stay up on it")
  }

  @Test func `what fell over since it was swapped or started is named, what was stopped on purpose is not`()
    async throws
  {
    let models = try FleetOfModels()
    let (swap, start, stop) = (try swap(models, to: "v1"), try control(.start, models), try control(.stop, models))
    let world = models.fleet.world.dry
    #expect(try await swap.lapse(in: world) == nil)
    #expect(try await start.lapse(in: world) == nil)
    #expect(try await stop.lapse(in: world) == "bot[1-3] on web001: running")
    models.model("web001") { $0.bots["bot2"]?.state = "down" }
    #expect(try await swap.lapse(in: world) == "bot2 on web001: down")
    #expect(try await start.lapse(in: world) == "bot2 on web001: down")
    models.model("web001") { $0.marks["bot2"] = ModelHost.Mark(mode: "stop") }
    #expect(try await swap.lapse(in: world) == nil)
    #expect(try await start.lapse(in: world) == nil)
    models.model("web001") { $0.bots["bot1"]?.digest = FleetOfModels.digests["v2"] ?? "" }
    #expect(try await swap.lapse(in: world)?.hasPrefix("bot1 on web001: no longer on 1a1a1a1a1a1a") == true)
  }

  @Test func `bots that are not as a start or stop wanted them fall short`() throws {
    let models = try FleetOfModels()
    let down = BotStatus.unknown("bot1", host: "web001", why: "the host did not report it")
    var up = down
    up.state = "running"
    #expect(try control(.start, models).shortfall(in: [up, down])?.failureClass == .unknownOutcome)
    let stopped = try control(.stop, models).shortfall(in: [up])
    #expect(stopped?.message == "bot1 on web001 is running: the host did not report it")
    up.isChanged = false
    #expect(try control(.start, models).shortfall(in: [up]) == nil)
    #expect(try control(.start, models).leftAsFound(by: [up]))
  }
}
