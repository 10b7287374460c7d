import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Site
import Testing

@testable import Fleet

/// Starts, stops and restarts in the order of `needs`, each ready before what needs it.
struct StartOrderTests {
  private func shares(_ selector: String, _ models: FleetOfModels) throws -> [HostShare] {
    try models.fleet.selectShares(selector, in: models.site)
  }

  @Test func `what is needed starts first, across hosts, and stops last`() throws {
    let models = try SystemOfModels.fleet()
    let order = StartOrder(try shares("web[001-002]", models), models.fleet.systems)
    #expect(order.line == "bot[1,4,6], then bot[2-3], then bot5")
    #expect(order.lineBackwards == "bot5, then bot[2-3], then bot[1,4,6]")
    #expect(order.missing(for: "bot5", among: ["bot1"]) == ["bot1"])
    #expect(order.dependents(of: "bot4", among: ["bot2", "bot5", "bot6"]) == ["bot2", "bot5"])
  }

  @Test func `needs hold through bots that are not selected`() throws {
    let models = try SystemOfModels.fleet()
    #expect(StartOrder(try shares("bot5,bot1", models), models.fleet.systems).line == "bot1, then bot5")
    #expect(!StartOrder(try shares("bot[2-3]", models), models.fleet.systems).isOrdered)
  }

  @Test func `a start waits until what is needed is ready`() async throws {
    let models = try SystemOfModels.fleet()
    models.halt()
    let seen = try await models.control(.start, .set("bot[1-6]"))
    #expect(seen.map(\.bot) == ["bot1", "bot4", "bot6", "bot2", "bot3", "bot5"])
    #expect(models.states.allSatisfy { $0.hasSuffix(" running") })
    #expect(models.dialogue.said.contains("starts bot[1,4,6], then bot[2-3], then bot5"))
    #expect(models.dialogue.said.contains("started 6 of 6 bots"))
  }

  @Test func `what needs a bot that is not ready in time is not started, and both are named`() async throws {
    let models = try SystemOfModels.fleet(isReady: false)
    models.halt()
    models.model("web001") { $0.logAfterStart["bot1"] = ["it is connected"] }
    // An old line is no sign of this start.
    models.model("web002") { $0.bots["bot4"]?.log = ["it is connected"] }
    let seen = try await models.control(.start, .set("bot[1-6]"))
    let notes = Dictionary(uniqueKeysWithValues: seen.map { ($0.bot, $0.note) })
    #expect(notes["bot4"] == "not ready within 5 s: no line of its log has \"connected\"")
    #expect(notes["bot2"] == "not started: it needs bot4, not ready")
    #expect(notes["bot5"] == "not started: it needs bot[3-4], not ready")
    #expect(
      models.states == ["bot1 running", "bot2 down", "bot3 down", "bot4 running", "bot5 down", "bot6 running"]
    )
    #expect(models.dialogue.said.contains("started 2 of 6 bots"))
  }

  @Test func `one that runs already is not asked for what it said long ago`() async throws {
    let models = try SystemOfModels.fleet(isReady: false)
    models.model("web001") { $0.bots["bot3"]?.state = "down" }
    let seen = try await models.control(.start, .string("bot1,bot3,bot4"))
    #expect(seen.allSatisfy(\.isRunning) && seen.allSatisfy { $0.isFailed != true })
  }

  // It was started at once, whether or not what it needs was up.
  @Test func `what needs a bot that the call leaves down is not started or restarted, and says so`() async throws {
    let models = try SystemOfModels.fleet()
    models.model("web001") { $0.bots["bot1"]?.state = "down" }
    models.model("web001") { $0.bots["bot3"]?.state = "down" }
    let plan = try await models.control(.start, .string("bot3"), dry: true)
    #expect(plan.map(\.note) == ["not started: it needs bot1, which is down"])
    let start = try await models.control(.start, .string("bot3"))
    #expect(start.map(\.note) == ["not started: it needs bot1, which is down"])
    #expect(models.states.contains("bot3 down"))
    // What runs is left running, and so is what it needs.
    models.model("web001") { $0.bots["bot3"]?.state = "running" }
    let restart = try await models.control(.restart, .string("bot3,bot4"), ordered: true)
    let notes = Dictionary(uniqueKeysWithValues: restart.map { ($0.bot, $0.note) })
    #expect(notes["bot3"] == "not restarted: it needs bot1, which is down")
    #expect(notes["bot4"]?.hasPrefix("not restarted: bot3, which needs it") == true, "\(notes)")
    #expect(models.state("web002")?.verbs == [] && models.states.contains("bot3 running"))
    models.model("web001") { $0.bots["bot1"]?.state = "running" }
    models.model("web001") { $0.bots["bot3"]?.state = "down" }
    #expect(try await models.control(.start, .string("bot3")).allSatisfy(\.isRunning))
  }

  // It was started as if it needed nothing.
  @Test func `what needs a kind that no bot is of is not started, and says so`() async throws {
    var kinds = SystemOfModels.kinds
    kinds["bot99"] = .table(["role": .string("risk")])
    kinds["bot3"] = .table(["needs": .array([.string("bot99"), .string("bot[1,4]")])])
    let models = try SystemOfModels.fleet(kinds)
    models.halt()
    let seen = try await models.control(.start, .set("bot[1-6]"))
    let notes = Dictionary(uniqueKeysWithValues: seen.map { ($0.bot, $0.note) })
    #expect(notes["bot3"] == "not started: it needs 'bot99', and no bot of system 'quant' is of that kind")
    #expect(notes["bot5"] == "not started: it needs bot3, not ready")
    #expect(models.states.contains("bot3 down") && models.states.contains("bot2 running"))
  }

  @Test func `a bot that is not critical fails without failing the call`() async throws {
    var kinds = SystemOfModels.kinds
    kinds["bot5"] = .table(["ready": SystemOfModels.ready("up"), "critical": .bool(false)])
    let models = try SystemOfModels.fleet(kinds)
    models.halt()
    let record = MemoryRecord()
    let seen = try await models.inRun(record, tolerance: .budget) { fleet in
      try await fleet.control(ControlRequest(.start, "bot5,bot6", grace: .seconds(5)), dry: false)
    }
    #expect(seen.first { $0.bot == "bot5" }?.isFailed == true)
    #expect(models.dialogue.said.contains { $0.contains("bot5 on web002") && $0.hasSuffix("(not critical)") })
  }

  @Test func `a resumed run does not ask again what it was told`() async throws {
    let models = try SystemOfModels.fleet()
    models.halt()
    let record = MemoryRecord()
    let start: @Sendable (Fleet) async throws -> [BotStatus] = { fleet in
      try await fleet.control(ControlRequest(.start, "bot1,bot3,bot4", grace: .seconds(5)), dry: false)
    }
    let first = try await models.inRun(record, start)
    models.model("web001") { $0.bots["bot1"]?.log = [] }
    let again = try await models.inRun(record, start)
    #expect(again == first)
  }

  @Test func `what undoes an ordered stop keeps the order apart, and nothing undoes an ordered restart twice`()
    async throws
  {
    let models = try SystemOfModels.fleet()
    let run = models.run()
    var context = CallContext()
    context.run = run
    let fleet = models.fleet
    _ = try await lettingTimePass(models.clock) { [context] in
      try await CallContext.$current.withValue(context) { try await fleet.stop("bot1,bot3", StopWish(), dry: false) }
    }
    let stops = await run.operations.map(\.summary)
    #expect(stops == ["stop bot3 on web001", "stop bot1 on web001"])
    let stop = StopBots(
      host: try models.host("web001").hostAddress,
      bots: ["bot3"],
      runtime: try models.runtime(),
      mode: .stop,
      grace: 1,
      reason: "",
      settle: 1,
      turn: 1
    )
    var changed = BotStatus.assumed("bot3", host: "web001", isRunning: false)
    changed.isChanged = true
    #expect(stop.inverse(of: [changed])?.turn == 1)
    var start = try #require(stop.inverse(of: [changed]) as? ControlBots)
    #expect(start.inverse(of: [changed]) != nil)
    start.endsRestart = true
    #expect(start.inverse(of: [changed]) == nil)
  }

  @Test func `an ordered restart stops what needs others first`() async throws {
    let models = try SystemOfModels.fleet()
    let seen = try await models.control(.restart, .set("bot[1-6]"), ordered: true)
    #expect(seen.count == 6 && seen.allSatisfy(\.isRunning))
    #expect(models.dialogue.said.contains("stops bot5, then bot[2-3], then bot[1,4,6]"))
    #expect(models.dialogue.said.contains("restarted 6 of 6 bots"))
    #expect(models.state("web001")?.verbs == ["stop", "stop", "start", "start"])
  }

  @Test func `what a bot needs is not restarted when that bot does not stop`() async throws {
    let models = try SystemOfModels.fleet()
    models.model("web002") { $0.isUnkillable = true }
    let seen = try await models.control(.restart, .string("bot1,bot3,bot5"), ordered: true)
    let notes = Dictionary(uniqueKeysWithValues: seen.map { ($0.bot, $0.note) })
    #expect(notes["bot3"] == "not restarted: bot5, which needs it, did not stop")
    #expect(models.states.allSatisfy { $0.hasSuffix(" running") })
  }

  // It was started on the word of a host that did not answer.
  @Test func `what needs a bot of a silent host is not started again`() async throws {
    let models = try SystemOfModels.fleet()
    models.model("web001") { $0.problem = .unreachable(host: "web001", reason: "no route to host", hint: nil) }
    let seen = try await models.control(.restart, .string("bot1,bot3,bot5"), ordered: true)
    let notes = Dictionary(uniqueKeysWithValues: seen.map { ($0.bot, $0.note) })
    #expect(notes["bot5"] == "not started: it needs bot3, not ready", "\(notes)")
    #expect(models.state("web002")?.bots["bot5"]?.state == "down")
  }

  @Test func `a plan shows order, probes and deadlines, and changes nothing`() async throws {
    let models = try SystemOfModels.fleet()
    models.halt()
    let before = models.states
    let seen = try await models.control(.start, .set("bot[1-6]"), dry: true)
    #expect(seen.allSatisfy(\.isRunning) && models.states == before)
    #expect(models.dialogue.said.contains("starts bot[1,4,6], then bot[2-3], then bot5"))
    #expect(models.dialogue.said.contains("bot1 is ready when its log has \"connected\", within 5 s"))
  }

  @Test func `a stop follows the needs backwards, and at once where it is urgent`() async throws {
    let models = try SystemOfModels.fleet()
    let fleet = models.fleet
    let wish = StopWish()
    _ = try await lettingTimePass(models.clock) { try await fleet.stop("web001,web002", wish, dry: true) }
    #expect(models.dialogue.said.contains("stops bot5, then bot[2-3], then bot[1,4,6]"))
    var urgent = StopWish()
    urgent.isOnPurpose = true
    #expect(!urgent.isOrdered && wish.isOrdered)
    urgent.isOnPurpose = false
    urgent.mode = .haltAll
    #expect(!urgent.isOrdered)
  }
}
