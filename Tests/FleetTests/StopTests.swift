import HostScript
import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Synchronization
import Testing

@testable import Fleet

struct StopTests {
  private let atOnce: StopWish = {
    var wish = StopWish()
    wish.isOnPurpose = true
    return wish
  }()

  private func stop(_ models: FleetOfModels, _ on: BotSelector, _ wish: StopWish? = nil, dry: Bool = false) async throws
    -> [BotStatus]
  {
    let fleet = models.fleet
    let wish = wish ?? StopWish()
    return try await lettingTimePass(models.clock) { try await fleet.stop(on, wish, dry: dry) }
  }

  @Test func `a stop needs neither a lock nor a journal nor an installed script`() async throws {
    let models = try FleetOfModels(hosts: 3, runs: ClosedRuns())
    let bots = try await stop(models, "web*", atOnce)
    #expect(bots.count == 9)
    #expect(bots.allSatisfy { $0.state == "down" && $0.isChanged == true })
    for host in ["web001", "web002", "web003"] {
      #expect(models.state(host)?.verbs == ["latch"])
      #expect(models.state(host)?.script == nil)
    }
  }

  @Test func `it brings its own script, who, why and when, and no lock`() async throws {
    let models = try FleetOfModels(hosts: 1)
    var wish = StopWish()
    (wish.reason, wish.grace) = ("wrong prices", .seconds(7))
    _ = try await stop(models, "bot1", wish)
    let request = try #require(models.transport.sent.last)
    #expect(request.line.hasPrefix("sh -s -- latch --bots bot1 --mode stop --stop 7 --who "))
    #expect(request.line.contains("--at 1795261502 --reason 'wrong prices' --run "))
    #expect(!request.line.contains("--epoch"))
    #expect(request.input == Array(try models.runtime().script.text.utf8))
  }

  @Test func `more than one host is asked about at a terminal`() async throws {
    let models = try FleetOfModels(hosts: 3, answers: ["2", "3"])
    await #expect(throws: CallFailure.self) { try await stop(models, "web*") }
    #expect(models.state("web001")?.verbs == [])
    let bots = try await stop(models, "web*")
    #expect(bots.allSatisfy { $0.state == "down" })
    #expect(
      models.dialogue.asked
        == Array(repeating: "Stop 9 bots on 3 hosts, web[001-003]? Type the number of hosts (3): ", count: 2)
    )
  }

  @Test func `one host is not asked about, but a latch for good is`() async throws {
    let models = try FleetOfModels(hosts: 2, answers: [nil])
    _ = try await stop(models, "web001")
    #expect(models.dialogue.asked.isEmpty)
    var halt = StopWish()
    halt.mode = .haltAll
    let wish = halt
    await #expect(throws: CallFailure.self) { try await stop(models, "bot1", wish) }
    #expect(models.dialogue.asked.count == 1)
  }

  @Test func `without a terminal now or yes is needed for more than one host`() async throws {
    let models = try FleetOfModels(hosts: 2, isInteractive: false)
    let failure = await #expect(throws: CallFailure.self) { try await stop(models, "web*") }
    #expect(failure?.code == "prompt.not_interactive")
    #expect(failure?.hint?.contains("now=true") == true)
    #expect(models.state("web001")?.verbs == [])
    _ = try await stop(models, "web*", atOnce)
    let sure = try FleetOfModels(hosts: 2, isInteractive: false, options: SessionOptions(assumesYes: true))
    #expect(try await stop(sure, "web*").allSatisfy { $0.state == "down" })
  }

  @Test func `a dry run says what it would stop, and writes nothing`() async throws {
    let models = try FleetOfModels(hosts: 2)
    let bots = try await stop(models, "web*", dry: true)
    #expect(bots.count == 6)
    #expect(models.state("web001")?.verbs == [] && models.state("web001")?.bots["bot1"]?.state == "running")
    #expect(models.dialogue.said.contains("would stop 6 of 6 bots (dry run: nothing was changed)"))
    #expect(models.transport.changes.isEmpty)
  }

  @Test func `a dry run and the real one count the same bots`() async throws {
    let models = try FleetOfModels(hosts: 2)
    _ = try await stop(models, "bot1", atOnce)
    _ = try await stop(models, "web*", dry: true)
    #expect(models.dialogue.said.last == "would stop 5 of 6 bots; 1 was not running (dry run: nothing was changed)")
    _ = try await stop(models, "web*", atOnce)
    #expect(models.dialogue.said.contains("stopped 5 of 6 bots; 1 was not running"))
    _ = try await stop(models, "web*", dry: true)
    #expect(models.dialogue.said.last == "would stop 0 of 6 bots; 6 were not running (dry run: nothing was changed)")
  }

  @Test func `a host that is not reached does not keep the others running`() async throws {
    let models = try FleetOfModels(hosts: 3)
    models.model("web002") { $0.problem = .unreachable(host: "web002", reason: "no route", hint: nil) }
    models.model("web003") { $0.isStubborn = true }
    let bots = try await stop(models, "web*", atOnce)
    #expect(bots.map(\.state) == ["down", "unreachable", "running"].flatMap { Array(repeating: $0, count: 3) })
    #expect(models.dialogue.said.contains { $0.contains("stopped 3 of 9 bots") })
  }

  @Test(arguments: [StopMode.closeOnly, .haltAll], [ModelHost.MarkFault.bare, .failed])
  func `a latch that its host could not write is not called set`(
    mode: StopMode,
    fault: ModelHost.MarkFault
  ) async throws {
    let models = try FleetOfModels(hosts: 1)
    models.model("web001") { $0.markFault = fault }
    var wish = atOnce
    wish.mode = mode
    let bots = try await stop(models, "bot1", wish)
    #expect(bots.map(\.state) == [mode == .haltAll ? "down" : "running"])
    #expect(models.dialogue.notes == [.failuresWithinBudget])
    let why = "its mark is \(fault.rawValue)"
    #expect(models.dialogue.said.contains { $0.contains("bot1 on web001: ") && $0.contains(why) })
    #expect(!models.dialogue.said.contains("set close_only for 1 of 1 bot"))
    // A plain stop is done without its mark.
    let plain = try await stop(models, "bot2", atOnce)
    #expect(plain.map(\.state) == ["down"] && models.dialogue.notes.count == 1)
  }

  @Test func `a latch over a stronger one is set`() async throws {
    let models = try FleetOfModels(hosts: 1)
    models.model("web001") { $0.marks["bot1"] = .init(mode: "halt_all") }
    var wish = atOnce
    wish.mode = .closeOnly
    _ = try await stop(models, "bot1", wish)
    #expect(models.dialogue.said.contains("set close_only for 1 of 1 bot"))
    #expect(models.dialogue.notes == [] && models.state("web001")?.marks["bot1"]?.mode == "halt_all")
  }

  @Test(arguments: StopMode.allCases)
  func `a bot that is down without its mark was not stopped`(mode: StopMode) async throws {
    let models = try FleetOfModels(hosts: 1)
    let host = try models.host("web001")
    let stop = StopBots(
      host: host.hostAddress,
      bots: ["bot1"],
      runtime: try models.runtime(),
      mode: mode,
      grace: 5,
      reason: "",
      settle: 0
    )
    let world = models.fleet.world
    models.model("web001") { $0.bots["bot1"]?.state = "down" }
    guard case .notDone = try await stop.probe(in: world) else { throw Unexpected("it has no stop mark") }
    models.model("web001") { $0.marks["bot1"] = .init(mode: mode.rawValue) }
    guard case .done(let found) = try await stop.probe(in: world) else { throw Unexpected("it has its mark") }
    // Nobody can say whether it ran.
    #expect(stop.inverse(of: found) == nil)
    models.model("web001") { $0.bots["bot1"]?.state = "running" }
    let again = try await stop.probe(in: world)
    guard mode == .closeOnly else {
      guard case .notDone = again else { throw Unexpected("it runs") }
      return
    }
    guard case .done = again else { throw Unexpected("close_only leaves what runs") }
  }

  @Test func `a run whose journal fails stops all the same, and another record takes it`() async throws {
    let log = MemoryStopLog()
    let models = try FleetOfModels(hosts: 2, stops: log)
    let record = MemoryRecord()
    record.fail(after: 0)
    let bots = try await models.inRun(record) { fleet in try await fleet.stop("web*", StopWish(), dry: false) }
    #expect(bots.count == 6)
    #expect(bots.allSatisfy { $0.state == "down" })
    #expect(log.requests.map(\.name) == ["fleet.stop"])
    #expect(log.requests.first?.arguments["run"] == .string("r1"))
    #expect(log.requests.first?.lane == .stop)
  }

  @Test func `stopping is of its own lane, whatever it is called`() {
    #expect(StopBots.lane == .stop && AbortCommands.lane == .stop)
    #expect(ControlBots.lane == .ordinary && SwapBots.lane == .ordinary)
  }

  @Test func `an abort names its run by the whole id`() async throws {
    let models = try FleetOfModels(hosts: 1)
    let fleet = models.fleet
    for part in ["20261121", "20261121-114502", "r1", ""] {
      let failure = await #expect(throws: CallFailure.self) {
        try await fleet.abort("web001", run: part, grace: .seconds(1), dry: false)
      }
      #expect(failure?.code == "run.not_found")
    }
    #expect(models.state("web001")?.verbs == [])
    _ = try await fleet.abort("web001", run: "20261121-114502-6ca32b16", grace: .seconds(1), dry: false)
    #expect(models.state("web001")?.verbs == ["kill 20261121-114502-6ca32b16"])
  }
}

/// Runs that cannot be opened: the journal is gone and somebody holds every lock.
private struct ClosedRuns: RunOpener {
  func withRun<Answer: Sendable>(
    _ request: RunRequest,
    world: World,
    _ body: (Run) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    throw CallFailure(.journal, code: "journal.unavailable", message: "no journal")
  }
}

/// Remembers what the stop lane began.
private final class MemoryStopLog: StopLog {
  private struct Entry: StopEntry {
    let record: any RunRecord = NoRecord()
    let coding = OperationCoding()
    func end(_ failure: CallFailure?, _ note: ExitNote, changes: Int) async -> [String] { [] }
  }

  private let begun = Mutex<[RunRequest]>([])

  var requests: [RunRequest] { begun.withLock { $0 } }

  func begin(_ request: RunRequest, id: String) async -> any StopEntry {
    begun.withLock { $0.append(request) }
    return Entry()
  }

  func wholeID(of run: String) async throws(CallFailure) -> String { run }
}
