import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Site
import Testing

@testable import Fleet

struct DeployResumeTests {
  private let all = DeployArguments(target: "all", speed: "routine")

  private func deploy(_ models: FleetOfModels, _ record: MemoryRecord) async throws -> Value {
    let arguments = all
    return try await models.inRun(record) { fleet in
      try await fleet.deploy(arguments, assumesYes: false, dry: false).value
    }
  }

  /// A report without what differs from process to process.
  private func lasting(_ report: Value) -> [String: Value] {
    var fields = report.fields
    fields["seconds"] = nil
    fields["verification"] = nil
    return fields
  }

  @Test(arguments: MemoryRecord.Loss.allCases)
  func `a deploy that dies at any write ends as one that does not, and swaps every host once`(
    loss: MemoryRecord.Loss
  ) async throws {
    let whole = try FleetOfModels()
    let record = MemoryRecord()
    let expected = try await deploy(whole, record)
    let writes = record.writes.count
    #expect(writes > 30)
    for point in 0..<writes {
      let models = try FleetOfModels()
      let record = MemoryRecord()
      record.fail(after: point, losing: loss)
      await #expect(throws: CallFailure.self, "write \(point)") { try await deploy(models, record) }
      record.fail(after: nil)
      let report = try await deploy(models, record)
      #expect(lasting(report) == lasting(expected), "write \(point)")
      #expect(!record.replay.operations.values.contains(.open), "write \(point)")
      for host in models.site.hosts where host.name != "stage01" {
        #expect(models.state(host.name)?.verbs == ["swap"], "write \(point), \(host.name)")
      }
    }
  }

  @Test(arguments: MemoryRecord.Loss.allCases)
  func `a halted deploy stays halted however often it dies`(loss: MemoryRecord.Loss) async throws {
    var points = 0...0
    for point in 0... {
      let models = try FleetOfModels(hosts: 4)
      models.model("web001") { $0.swap = .rollsBack }
      let record = MemoryRecord()
      record.fail(after: point, losing: loss)
      _ = try? await deploy(models, record)
      let isWhole = record.writes.count <= point
      record.fail(after: nil)
      let failure = await #expect(throws: CallFailure.self) { try await deploy(models, record) }
      #expect(failure?.code == "rollout.halted", "write \(point)")
      for host in models.site.hosts {
        #expect((models.state(host.name)?.verbs.count ?? 0) <= 1, "write \(point), \(host.name)")
      }
      points = 0...point
      if isWhole { break }
    }
    #expect(points.count > 10)
  }

  @Test func `a journal that fails begins no more hosts and says so`() async throws {
    let models = try FleetOfModels(hosts: 20)
    let record = MemoryRecord()
    record.fail(after: 12)
    let failure = await #expect(throws: CallFailure.self) { try await deploy(models, record) }
    #expect(failure?.code == "journal.unavailable")
    #expect(models.dialogue.text.contains("halted: it could not continue: the disk is full"))
    let begun = models.site.hosts.filter { models.state($0.name)?.verbs.isEmpty == false }
    #expect(Set(begun.map(\.name)).isSubset(of: record.intents.map(\.target.name)))
    #expect(begun.count < 20)
  }

  @Test func `a deploy whose run its operator stops is cancelled, and the reason is left to the run`() async throws {
    let models = try FleetOfModels()
    let arguments = all
    var context = CallContext()
    let run = Run(id: "r1", world: models.fleet.world, holding: HoldsEverything(), record: MemoryRecord())
    await run.stopStarting(CallFailure(.cancelled, code: "run.interrupted", message: "run r1 was stopped"))
    context.run = run
    context.isConfirmed = true
    let (fleet, given) = (models.fleet, context)
    let failure = await #expect(throws: CallFailure.self) {
      try await CallContext.$current.withValue(given) {
        try await fleet.deploy(arguments, assumesYes: false, dry: false).value
      }
    }
    #expect(failure?.code == "run.interrupted")
    #expect(models.dialogue.text.contains("--- result: Cancelled"))
    #expect(!models.dialogue.text.contains("was stopped"))
  }

  @Test func `a deploy that was taken up again asks nothing`() async throws {
    let models = try FleetOfModels(answers: ["6"])
    let arguments = all
    let record = MemoryRecord()
    record.fail(after: 20)
    await #expect(throws: CallFailure.self) {
      try await models.inRun(record, isConfirmed: false) { fleet in
        try await fleet.deploy(arguments, assumesYes: false, dry: false).value
      }
    }
    #expect(models.dialogue.asked == ["Proceed? Type the number of hosts (6): "])
    record.fail(after: nil)
    _ = try await models.inRun(record, isConfirmed: false) { fleet in
      try await fleet.deploy(arguments, assumesYes: false, dry: false).value
    }
    #expect(models.dialogue.asked.count == 1)
    #expect(models.dialogue.said.filter { $0.hasPrefix("================ deploy plan") }.count == 1)
  }

  @Test func `a gate is asked once`() async throws {
    let models = try FleetOfModels(answers: ["6", "continue"])
    for host in models.site.hosts { models.model(host.name) { $0.loginAfterStart = "no" } }
    let arguments = all
    let record = MemoryRecord()
    let deploy = {
      try await models.inRun(record, isConfirmed: false) { fleet in
        try await fleet.deploy(arguments, assumesYes: false, dry: false).value
      }
    }
    await #expect(throws: CallFailure.self) { try await deploy() }
    // The second gate got no answer, which ends a deploy for good.
    let asked = models.dialogue.asked.count
    let failure = await #expect(throws: CallFailure.self) { try await deploy() }
    #expect(failure?.code == "rollout.halted")
    #expect(models.dialogue.asked.count == asked)
  }

  @Test func `a deploy that was cancelled goes on`() async throws {
    let models = try FleetOfModels(hosts: 12)
    let arguments = all
    let record = MemoryRecord()
    var context = CallContext()
    context.run = Run(id: "r1", world: models.fleet.world, holding: HoldsEverything(), record: record)
    context.isConfirmed = true
    let fleet = models.fleet
    let task = Task { [context] in
      try await CallContext.$current.withValue(context) {
        try await fleet.deploy(arguments, assumesYes: false, dry: false).value
      }
    }
    await models.clock.sleepers(atLeast: 1)
    task.cancel()
    let result = await lettingTimePass(models.clock) { await task.result }
    let failure = #expect(throws: CallFailure.self) { try result.get() }
    #expect(failure?.code == "rollout.interrupted")
    let report = try await deploy(models, record)
    #expect(report["result"] == "Success".value)
    for host in models.site.hosts where host.name != "stage01" {
      #expect(models.state(host.name)?.verbs == ["swap"], "\(host.name)")
    }
  }

  @Test func `a host that stayed unknown is looked for again`() async throws {
    let models = try FleetOfModels(hosts: 3)
    let record = MemoryRecord()
    for host in models.site.hosts { models.model(host.name) { $0.losses = 7 } }
    let failure = await #expect(throws: CallFailure.self) { try await deploy(models, record) }
    #expect(failure?.code == "rollout.unknown")
    for host in models.site.hosts { models.model(host.name) { $0.losses = 0 } }
    #expect(try await deploy(models, record)["result"] == "Success".value)
    for host in models.site.hosts where host.name != "stage01" {
      #expect(models.state(host.name)?.verbs == ["swap"], "\(host.name)")
    }
  }

  @Test func `a host that cannot be reached again stays unknown`() async throws {
    let models = try FleetOfModels(hosts: 2)
    let record = MemoryRecord()
    for host in models.site.hosts { models.model(host.name) { $0.losses = 7 } }
    await #expect(throws: CallFailure.self) { try await deploy(models, record) }
    for host in models.site.hosts {
      models.model(host.name) { $0.problem = .unreachable(host: host.name, reason: "no route to host", hint: nil) }
    }
    let failure = await #expect(throws: CallFailure.self) { try await deploy(models, record) }
    #expect(failure?.code == "rollout.unknown")
  }

  @Test func `the same deploy twice in one run is two deploys`() async throws {
    let models = try FleetOfModels(hosts: 2)
    let arguments = all
    let twice: @Sendable (Fleet) async throws -> Void = { fleet in
      for image in ["v2", "v1", "v2"] {
        var arguments = arguments
        arguments.image = image
        _ = try await fleet.deploy(arguments, assumesYes: false, dry: false)
      }
    }
    let record = MemoryRecord()
    try await models.inRun(record, twice)
    #expect(models.state("web001")?.verbs == ["swap", "swap", "swap"])
    try await models.inRun(record, twice)
    #expect(models.state("web001")?.verbs == ["swap", "swap", "swap"])
    #expect(models.state("web001")?.bots["bot1"]?.digest == FleetOfModels.digests["v2"])
  }
}
