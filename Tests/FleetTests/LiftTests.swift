import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Synchronization
import Testing

@testable import Fleet

struct LiftTests {
  private func latched(_ models: FleetOfModels) {
    models.model("web001") {
      $0.marks["bot1"] = .init(mode: "close_only")
      $0.bots["bot1"]?.state = "down"
    }
  }

  private func lift(_ models: FleetOfModels, _ on: BotSelector = "web001") async throws -> [LiftedMark] {
    let fleet = models.fleet
    return try await lettingTimePass(models.clock) { try await fleet.lift(on, reason: "right again", dry: false) }
  }

  @Test func `a lift brings its lease and the marks that it saw`() async throws {
    let models = try FleetOfModels(hosts: 1)
    latched(models)
    let marks = try await models.inRun(MemoryRecord(), epoch: 7) { fleet in
      try await fleet.lift("web001", reason: "right again", dry: false)
    }
    #expect(marks.map(\.state) == ["lifted", "unchanged", "unchanged"])
    let line = try #require(models.transport.changes.last?.line)
    let id = try #require(marks.first?.id)
    #expect(line.contains("latch --bots bot1 --lift --seen 'bot1=\(id)' --run r1-"), "\(line)")
    #expect(line.contains("--epoch 7"))
    #expect(models.state("web001")?.epoch == 7 && models.state("web001")?.marks.isEmpty == true)
  }

  @Test func `a lease that has passed on lifts nothing`() async throws {
    let models = try FleetOfModels(hosts: 1)
    latched(models)
    models.model("web001") { $0.epoch = 900 * 65_536 }
    let failure = await #expect(throws: CallFailure.self) {
      try await models.inRun(MemoryRecord(), epoch: 800 * 65_536) { fleet in
        try await fleet.lift("bot1", reason: "right again", check: false, dry: false)
      }
    }
    #expect(failure?.code == "host.stale_epoch")
    #expect(models.state("web001")?.marks["bot1"]?.mode == "close_only")
  }

  @Test func `a latch that came after the question stays`() async throws {
    let meanwhile = Meanwhile()
    let models = try FleetOfModels(hosts: 1, answers: ["3"], runs: meanwhile)
    latched(models)
    meanwhile.does { models.model("web001") { $0.marks["bot1"] = .init(mode: "halt_all", who: "bob") } }
    let failure = await #expect(throws: CallFailure.self) { try await lift(models) }
    #expect(failure?.code == "plan.changed")
    #expect(
      failure?.message == "bot1 on web001 was marked close_only (alice: wrong prices) when the plan was shown and is "
        + "now marked halt_all (bob: wrong prices); nothing was changed"
    )
    #expect(models.state("web001")?.marks["bot1"]?.mode == "halt_all" && models.transport.changes == [])
  }
}

/// Runs that begin only after something else has happened.
private final class Meanwhile: RunOpener {
  private let work = Mutex<(@Sendable () -> Void)?>(nil)

  func does(_ work: @escaping @Sendable () -> Void) { self.work.withLock { $0 = work } }

  func withRun<Answer: Sendable>(
    _ request: RunRequest,
    world: World,
    _ body: (Run) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    work.withLock { $0 }?()
    return try await UnrecordedRuns().withRun(request, world: world, body)
  }
}
