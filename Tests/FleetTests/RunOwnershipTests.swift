import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Site
import Synchronization
import Testing

@testable import Fleet

/// Opens runs with a record and remembers what was asked for.
private final class RecordingOpener: RunOpener {
  let record = MemoryRecord()
  private let opened = Mutex<[RunRequest]>([])
  var requests: [RunRequest] { opened.withLock { $0 } }
  /// Happens after the lock was taken.
  let onOpen: @Sendable () -> Void
  let refusal: CallFailure?

  init(refusal: CallFailure? = nil, onOpen: @escaping @Sendable () -> Void = {}) {
    self.refusal = refusal
    self.onOpen = onOpen
  }

  func withRun<Answer: Sendable>(
    _ request: RunRequest,
    world: World,
    _ body: (Run) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    opened.withLock { $0.append(request) }
    if let refusal { throw refusal }
    onOpen()
    try await request.stillHolds()
    return try await body(Run(id: request.id ?? "r1", world: world, holding: HoldsEverything(epoch: 7), record: record))
  }
}

struct RunOwnershipTests {
  private let all = DeployArguments(target: "all", speed: "routine")

  @Test func `a change at the prompt is a run of its own with locks and a record`() async throws {
    let opener = RecordingOpener()
    let models = try FleetOfModels(runs: opener)
    let fleet = models.fleet
    _ = try await lettingTimePass(models.clock) {
      try await fleet.control(.stop, "bot[1-3]", grace: .seconds(5), dry: false)
    }
    let request = try #require(opener.requests.first)
    #expect(request.name == "fleet.stop")
    #expect(request.arguments == .table(["on": "bot[1-3]".value, "grace": .number(5)]))
    #expect(request.hosts == ["web001"])
    #expect(
      request.scopes.map { "\($0.mode.rawValue) \($0)" } == [
        "intent_exclusive environment/production", "exclusive host/web001",
      ]
    )
    #expect(opener.record.intents.map(\.kind) == ["host.script.install", "bots.control"])
    #expect(models.transport.changes.last?.line.hasSuffix(" --epoch 7") == true)
  }

  @Test func `a refused lock changes nothing`() async throws {
    let refusal = CallFailure(.refused, code: "lock.refused", message: "mia holds the fleet")
    let models = try FleetOfModels(runs: RecordingOpener(refusal: refusal))
    #expect(await models.failure(all, yes: true) == refusal)
    #expect(models.transport.changes == [])
  }

  @Test func `a deploy opens its run under the id it announced`() async throws {
    let opener = RecordingOpener()
    let models = try FleetOfModels(answers: ["6"], runs: opener)
    let report = try await models.deploy(all)
    #expect(opener.requests.map(\.id).first == (try String(report["run"])))
    #expect(opener.requests.first?.arguments == .table(["target": "all".value, "speed": "routine".value]))
    #expect(opener.requests.first?.hosts.count == 6)
  }

  @Test func `hosts that changed while somebody thought stop the deploy`() async throws {
    let late = Mutex<FleetOfModels?>(nil)
    let opener = RecordingOpener {
      late.withLock { $0 }?.model("web004") { $0.bots["bot11"]?.digest = "sha256:other" }
    }
    let models = try FleetOfModels(answers: ["6"], runs: opener)
    late.withLock { $0 = models }
    let failure = await models.failure(all)
    #expect(failure?.code == "plan.changed")
    #expect(
      failure?.message
        == "bot11 on web004 was running v1 when the plan was shown and is now running other; nothing was changed"
    )
    #expect(models.transport.changes == [])
  }

  @Test func `a dry call in a live runbook is no part of its run`() async throws {
    let models = try FleetOfModels()
    let record = MemoryRecord()
    let arguments = all
    let answer = try await models.inRun(record) { fleet in
      try await fleet.deploy(arguments, assumesYes: false, dry: true).value
    }
    #expect(answer["result"] == "Dry run".value)
    #expect(record.writes == [])
    #expect(models.transport.changes == [])
  }

  @Test func `in a dry runbook everything is dry and adds to its plan`() async throws {
    let models = try FleetOfModels()
    let run = Run(id: "r1", world: models.fleet.world.dry)
    var context = CallContext()
    context.run = run
    let fleet = models.fleet
    try await CallContext.$current.withValue(context) {
      _ = try await fleet.control(.stop, "bot1", grace: .seconds(5), dry: false)
    }
    #expect(await run.operations.map(\.kind) == ["host.script.install", "bots.control"])
    #expect(models.transport.changes == [])
  }

  @Test func `scopes are in one order and name nothing twice`() throws {
    let fleet = try FleetOfModels().fleet
    let hosts = try #require(fleet.site?.hosts)
    #expect(fleet.scopes(for: hosts) == [LockScope(path: [])])
    let some = [hosts[2], hosts[0], hosts[2]]
    #expect(fleet.scopes(for: some).map(\.description) == ["environment/production", "host/web001", "host/web003"])
    #expect(fleet.scopes(for: []) == [])
  }

  @Test func `a group of the site is an environment too`() throws {
    let models = try FleetOfModels { $0["groups"] = .table(["canary": "bot4".value, "rest": "web003".value]) }
    let web002 = [try models.host("web002")]
    #expect(
      models.fleet.scopes(for: web002).map(\.description) == [
        "environment/canary", "environment/production", "host/web002",
      ]
    )
  }

  @Test(arguments: [
    ("fleet", ["exclusive fleet"]), ("host/web001", ["exclusive host/web001"]),
    ("environment/demo", ["exclusive environment/demo"]),
    ("environment/demo/system/rocky", ["exclusive environment/demo/system/rocky"]),
    (
      "hosts:web00[2,1]",
      [
        "intent_exclusive environment/production", "exclusive host/web001", "exclusive host/web002",
      ]
    ),
    ("hosts:@production,stage01", ["exclusive fleet"]),
  ]) func `a lock in a header is read`(text: String, scopes: [String]) throws {
    let fleet = try FleetOfModels().fleet
    #expect(try fleet.scopes(parsing: text).map { "\($0.mode.rawValue) \($0)" } == scopes)
  }

  @Test(arguments: [
    ("", "lock.scope"), ("host", "lock.scope"), ("host/a/b/c", "lock.scope"), ("planet/earth", "lock.scope"),
    ("environment/a/host/b", "lock.scope"), ("host/web01", "fleet.unknown_name"),
    ("hosts:nobody", "fleet.unknown_name"),
  ]) func `a wrong lock in a header is said`(text: String, code: String) throws {
    let fleet = try FleetOfModels().fleet
    #expect(#expect(throws: CallFailure.self) { try fleet.scopes(parsing: text) }?.code == code)
  }
}
