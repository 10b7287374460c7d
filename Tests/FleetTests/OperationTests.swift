import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Site
import Testing

@testable import Fleet

struct OperationTests {
  private func swap(_ models: FleetOfModels) throws -> SwapBots {
    let host = try models.host("web001")
    let image = try #require(models.site.fleet.images["v2"])
    return SwapBots(
      host: host.hostAddress,
      bots: host.bots.names,
      image: image.reference,
      runtime: try models.runtime(),
      timing: .init(stop: 5, settle: 2, loginWait: 0)
    )
  }

  private func install(_ models: FleetOfModels) throws -> InstallHostScript {
    InstallHostScript(host: try models.host("web001").hostAddress, runtime: try models.runtime())
  }

  /// Performs in a run with time that passes.
  private func perform<Change: Operation>(
    _ change: Change,
    _ models: FleetOfModels,
    _ run: Run
  ) async throws -> Change.Outcome? {
    try await lettingTimePass(models.clock) { try await run.perform(change) }
  }

  @Test func `a live run performs and remembers in order`() async throws {
    let models = try FleetOfModels()
    let run = models.run()
    _ = try await perform(try install(models), models, run)
    let outcome = try await perform(try swap(models), models, run)
    #expect(outcome?.isGood == true)
    let records = await run.operations
    #expect(records.map(\.kind) == ["host.script.install", "bots.swap"])
    #expect(records.map(\.state) == [.done, .done])
    #expect(records.map(\.isReversible) == [false, true])
    #expect(records.map(\.target.name) == ["web001", "web001"])
  }

  @Test func `a dry run predicts and changes nothing`() async throws {
    let models = try FleetOfModels()
    let run = models.run(.dry)
    _ = try await perform(try install(models), models, run)
    let outcome = try await perform(try swap(models), models, run)
    #expect(outcome?.bots.map(\.result) == [.swapped, .swapped, .swapped])
    #expect(await run.operations.map(\.state) == [.predicted, .predicted])
    #expect(models.transport.changes == [])
  }

  @Test(arguments: [
    ([BotSwap.Result.unchanged, .rolledBack], true), ([.unchanged, .swapped], false), ([.rolledBack, .down], false),
    ([.failed], false), ([.unknown], false),
  ])
  func `bots that are where they were leave nothing to undo`(_ results: [BotSwap.Result], _ isAsFound: Bool) throws {
    let bots = results.map { BotSwap(bot: "b", result: $0, before: nil, detail: "") }
    let outcome = SwapOutcome(host: "web001", bots: bots)
    #expect(try swap(FleetOfModels()).leftAsFound(by: outcome) == isAsFound)
  }

  @Test func `a dry run cannot predict a command`() async throws {
    let models = try FleetOfModels()
    let run = models.run(.dry)
    let command = ExecuteCommand(
      host: try models.host("web001").hostAddress,
      line: "rm x",
      timeout: 5,
      runtime: try models.runtime()
    )
    #expect(try await run.perform(command) == nil)
    #expect(
      await run.operations.map(\.state) == [.unpredictable("the effect of a command is not known until it has run")]
    )
    #expect(models.transport.sent == [])
  }

  @Test func `a failure is kept with its operation`() async throws {
    let models = try FleetOfModels()
    models.model("web001") { $0.problem = .unreachable(host: "web001", reason: "refused", hint: nil) }
    let run = models.run()
    let change = try swap(models)
    let failure = await #expect(throws: CallFailure.self) { try await run.perform(change) }
    #expect(failure?.code == "host.unreachable")
    #expect(await run.operations.map(\.state) == [failure.map { .failed($0) }])
  }

  @Test func `the dry world refuses what slips past the operations`() async throws {
    let models = try FleetOfModels()
    let world = models.fleet.world.dry
    let host = try models.host("web001").hostAddress
    let request = CommandRequest(line: "touch x", timeout: nil, effect: .changes)
    await #expect(throws: TransportError.readOnly(host: "web001", command: "touch x")) {
      try await world.service(Hosts.self).execute(request, on: host)
    }
    await #expect(throws: TransportError.readOnly(host: "web001", command: "write x")) {
      try await world.service(Hosts.self).put(FileUpload(path: "x", content: [], mode: 0o600), on: host)
    }
    let change = try swap(models)
    await #expect(throws: CallFailure.self) { try await change.perform(in: world) }
    #expect(models.transport.changes == [])
  }

  @Test func `a swap catches a host that lies`() async throws {
    let models = try FleetOfModels()
    models.model("web001") { $0.swap = .lies }
    let run = models.run()
    _ = try await perform(try install(models), models, run)
    let outcome = try await perform(try swap(models), models, run)
    #expect(outcome?.bots.map(\.result) == [.failed, .failed, .failed])
    #expect(outcome?.complaint.contains("the host said swapped, but it is not running v2") == true)
  }

  @Test func `a bot that was stopped once it was swapped is no failure, and a rollback takes it back`() async throws {
    let models = try FleetOfModels()
    models.model("web001") { $0.swap = .stoppedSince }
    let run = models.run()
    _ = try await perform(try install(models), models, run)
    let change = try swap(models)
    let outcome = try #require(try await perform(change, models, run))
    #expect(outcome.bots.map(\.result) == [.swapped, .swapped, .swapped])
    #expect(!outcome.isGood && outcome.wasStopped)
    #expect(outcome.complaint == "bot[1-3] was swapped and stopped by alice: wrong prices since")
    let back = try #require(change.inverse(of: outcome) as? SwapBots)
    #expect(back.bots == ["bot1", "bot2", "bot3"])
  }

  @Test func `a swap knows the image that ran before and swaps back to it`() async throws {
    let models = try FleetOfModels()
    let run = models.run()
    _ = try await perform(try install(models), models, run)
    let change = try swap(models)
    let outcome = try #require(try await perform(change, models, run))
    let back = try #require(change.inverse(of: outcome) as? SwapBots)
    #expect(back.image.digest == FleetOfModels.digests["v1"])
    #expect(back.bots == ["bot1", "bot2", "bot3"])
  }

  @Test func `a probe says done, not done or unknown`() async throws {
    let models = try FleetOfModels()
    let change = try swap(models)
    guard case .notDone = try await change.probe(in: models.fleet.world) else { throw Unexpected("not done") }
    models.model("web001") { $0.bots["bot1"]?.digest = FleetOfModels.digests["v2"] ?? "" }
    guard case .unknown = try await change.probe(in: models.fleet.world) else { throw Unexpected("half done") }
    models.model("web001") { host in
      for bot in host.bots.keys { host.bots[bot]?.digest = FleetOfModels.digests["v2"] ?? "" }
    }
    guard case .done(let outcome) = try await change.probe(in: models.fleet.world) else { throw Unexpected("done") }
    #expect(outcome.isUnchanged)
    #expect(models.transport.changes == [])
  }

  @Test func `a host that kept how a change failed says so to a probe`() async throws {
    let models = try FleetOfModels()
    let change = try swap(models)
    let world = models.fleet.world.with(Ticket(token: "r1-1", epoch: nil))
    guard case .notDone = try await change.probe(in: world) else { throw Unexpected("not begun") }
    func keep(_ code: String) {
      models.model("web001") { $0.answers["r1-1"] = "error\t-\tcode=\(code)\tmessage=no space left\n" }
    }
    keep("image.unavailable")
    guard case .failed(let failure) = try await change.probe(in: world) else { throw Unexpected("failed") }
    #expect(failure.code == "image.unavailable")
    #expect(failure.message == "web001: no space left")
    keep("host.run_died")
    guard case .unknown = try await change.probe(in: world) else { throw Unexpected("died") }
  }

  @Test func `operations survive a journal`() async throws {
    let models = try FleetOfModels()
    let change = try swap(models)
    let again = try JSONCopy.of(change)
    #expect(again.summary == "swap bot[1-3] to v2 (2b2b2b2b2b2b) on web001")
    #expect(again.timing == change.timing && again.runtime == change.runtime)
  }

  @Test func `an installed script is left alone, a damaged one is drift`() async throws {
    let models = try FleetOfModels()
    let change = try install(models)
    let world = models.fleet.world
    #expect(try await change.installedDigest(in: world) == nil)
    #expect(try await !change.isInstalled(in: world))
    _ = try await change.perform(in: world)
    #expect(try await change.isInstalled(in: world))
    guard case .done = try await change.probe(in: world) else { throw Unexpected("installed") }
    models.model("web001") { $0.script = "damaged" }
    #expect(try await !change.isInstalled(in: world))
  }

  @Test(arguments: [
    (ControlBots.Verb.stop, "down"), (.start, "running"), (.restart, "running"),
  ])
  func `control is proven by a look afterwards`(_ verb: ControlBots.Verb, _ state: String) async throws {
    let models = try FleetOfModels()
    let run = models.run()
    _ = try await perform(try install(models), models, run)
    let change = ControlBots(
      verb: verb,
      host: try models.host("web001").hostAddress,
      bots: ["bot1"],
      runtime: try models.runtime(),
      stopGrace: 5,
      settle: 2
    )
    let seen = try await perform(change, models, run)
    #expect(seen?.map(\.state) == [state])
    #expect(seen?.map(\.note) == [""])
  }

  @Test(arguments: [
    (TransportError.lost(host: "web001", reason: "reset"), "unknown", ExitCode.unknownOutcomes),
    (.timedOut(host: "web001", after: .seconds(9)), "unknown", .unknownOutcomes),
    (.cancelled(host: "web001", effectPossible: true), "unknown", .unknownOutcomes),
    (.unreachable(host: "web001", reason: "refused", hint: nil), "unreachable", .unreachableBudget),
  ])
  func `a control that was cut off is unknown and not unreachable`(
    _ problem: TransportError,
    _ state: String,
    _ code: ExitCode
  ) async throws {
    let models = try FleetOfModels()
    models.model("web001") { $0.problem = problem }
    let seen = try await models.fleet.control(.restart, "bot1", grace: .seconds(5), dry: false)
    #expect(seen.map(\.state) == [state])
    #expect(models.dialogue.notes == [code])
  }

  @Test func `a restart that is given up is looked at once more before it is called unknown`() async throws {
    let models = try FleetOfModels()
    let run = models.run()
    _ = try await perform(try install(models), models, run)
    models.model("web001") {
      $0.swapTime = .seconds(3600)
      $0.endsAlone = true
    }
    let task = Task { try await models.fleet.control(.restart, "bot1", grace: .seconds(5), dry: false) }
    while models.state("web001")?.verbs.contains("restart") != true { await Task.yield() }
    task.cancel()
    let seen = try await lettingTimePass(models.clock) { try await task.value }
    #expect(seen.map(\.state) == ["running"])
    #expect(models.state("web001")?.verbs.count { $0 == "restart" } == 1)
    #expect(models.dialogue.said.contains { $0.hasPrefix("restarted 1 of 1 bot") })
  }

  @Test func `a restart that no host has begun is not sent again by the look`() async throws {
    let models = try FleetOfModels()
    models.model("web001") { $0.problem = .cancelled(host: "web001", effectPossible: true) }
    let seen = try await models.fleet.control(.restart, "bot1", grace: .seconds(5), dry: false)
    #expect(seen.map(\.state) == ["unknown"])
    #expect(models.state("web001")?.verbs == [])
  }

  @Test func `what was down before is not started when a stop is undone`() async throws {
    let models = try FleetOfModels()
    models.model("web001") { $0.bots["bot2"]?.state = "down" }
    let run = models.run()
    _ = try await perform(try install(models), models, run)
    let stop = ControlBots(
      verb: .stop,
      host: try models.host("web001").hostAddress,
      bots: ["bot1", "bot2"],
      runtime: try models.runtime(),
      stopGrace: 5,
      settle: 2
    )
    guard case .exact(let predicted) = try await stop.predict(in: models.fleet.world) else { throw Unexpected("exact") }
    let outcome = try #require(try await perform(stop, models, run))
    #expect((stop.inverse(of: outcome) as? ControlBots)?.bots == ["bot1"])
    #expect((stop.inverse(of: predicted) as? ControlBots)?.bots == ["bot1"])
    #expect(ControlBots.agree(predicted, outcome))
    #expect(stop.inverse(of: Array(outcome.suffix(1))) == nil)
  }

  // Uptime, heartbeat and login were part of the plan of a restart, so it never held a second later.
  @Test(arguments: [ControlBots.Verb.start, .stop, .restart])
  func `a plan promises nothing that is another a second later`(_ verb: ControlBots.Verb) async throws {
    let models = try FleetOfModels()
    let change = ControlBots(
      verb: verb,
      host: try models.host("web001").hostAddress,
      bots: ["bot1", "bot2"],
      runtime: try models.runtime(),
      stopGrace: 5,
      settle: 2
    )
    let found = try await change.predict(in: models.fleet.world)
    models.model("web001") { $0.bots["bot1"]?.login = "waiting" }
    let later = try await change.predict(in: models.fleet.world)
    guard case .exact(let before) = found, case .exact(let now) = later else { throw Unexpected("exact") }
    #expect(before == now)
    #expect(before.allSatisfy { $0.uptime == nil && $0.heartbeat == nil && $0.processID == nil })
  }

  @Test func `a stop that has no effect is said`() async throws {
    let models = try FleetOfModels()
    let run = models.run()
    _ = try await perform(try install(models), models, run)
    let change = ControlBots(
      verb: .stop,
      host: try models.host("web001").hostAddress,
      bots: ["bot1", "bot2"],
      runtime: try models.runtime(),
      stopGrace: 5,
      settle: 2
    )
    models.model("web001") { $0.isStubborn = true }
    let seen = try await perform(change, models, run)
    #expect(seen?.map(\.state) == ["running", "running"])
    #expect(seen?.map(\.note) == ["stop had no effect", "stop had no effect"])
  }
}
