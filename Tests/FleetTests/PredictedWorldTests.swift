import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Testing

@testable import Fleet

/// Changes of one plan that touch the same bots and files: each prediction sees what the ones before it leave.
struct PredictedWorldTests {
  enum Act: Sendable {
    case stop(StopMode = .stop)
    case control(ControlBots.Verb)
    case swap(String)
    case lift
    case put(String)
    case exec
    case install
  }

  private func perform(_ act: Act, _ models: FleetOfModels, _ run: Run) async throws {
    let host = try models.host("web001")
    let (address, runtime, bots) = (host.hostAddress, try models.runtime(), ["bot1", "bot2"])
    switch act {
    case .stop(let mode):
      let change = StopBots(
        host: address,
        bots: bots,
        runtime: runtime,
        mode: mode,
        grace: 1,
        reason: "test",
        settle: 1
      )
      _ = try await run.perform(change)
    case .control(let verb):
      _ = try await run.perform(
        ControlBots(verb: verb, host: address, bots: bots, runtime: runtime, stopGrace: 1, settle: 1)
      )
    case .swap(let name):
      let image = try #require(models.site.fleet.images[name])
      let timing = SwapBots.Timing(stop: 1, settle: 1, loginWait: 0)
      _ = try await run.perform(
        SwapBots(host: address, bots: bots, image: image.reference, runtime: runtime, timing: timing)
      )
    case .lift: _ = try await run.perform(LiftMarks(host: address, bots: bots, runtime: runtime, reason: "test"))
    case .put(let text):
      let path = HostPath("motd")
      _ = try await run.perform(
        PutFile(host: address, path: path, content: SealedText(Array(text.utf8), key: nil), mode: 0o644)
      )
    case .exec:
      _ = try await run.perform(
        ExecuteCommand(host: address, line: "true", timeout: 5, runtime: runtime)
      )
    case .install: _ = try await run.perform(InstallHostScript(host: address, runtime: runtime))
    }
  }

  private let coding = OperationCoding(kinds: Fleet.operationKinds)

  private func perform(_ acts: [Act], _ mode: World.Mode) async throws -> [OperationRecord] {
    let models = try FleetOfModels()
    let world = mode == .dry ? models.fleet.world.dry : models.fleet.world
    let run = Run(id: "r0", world: world, holding: HoldsEverything(), coding: coding)
    try await lettingTimePass(models.clock) {
      if mode == .live { try await perform(.install, models, run) }
      for act in acts { try await perform(act, models, run) }
    }
    return await run.operations.filter { mode == .dry || $0.kind != InstallHostScript.kind }
  }

  @Test(arguments: [
    [Act.stop(), .control(.start)], [.stop(), .control(.restart)], [.control(.restart), .stop(), .control(.start)],
    [.stop(), .swap("v2")], [.swap("v2"), .swap("v1")], [.swap("v2"), .stop(), .control(.start)],
    [.stop(.haltAll), .control(.start)], [.stop(.haltAll), .swap("v2")], [.stop(.haltAll), .lift, .control(.start)],
    [.stop(.closeOnly), .control(.restart)], [.stop(.haltAll), .stop(), .control(.start)], [.stop(), .lift],
    [.stop(), .stop()], [.lift, .lift],
  ])
  func `what a plan predicts of later steps is what happens`(acts: [Act]) async throws {
    let predicted = try await perform(acts, .dry)
    let actual = try await perform(acts, .live)
    #expect(predicted.map(\.kind) == actual.map(\.kind))
    for (before, after) in zip(predicted, actual) {
      let stored = StoredOperation(kind: after.kind, text: after.text, summary: after.summary, target: after.target)
      let (foretold, done) = (before.outcome ?? "nothing", after.outcome ?? "nothing")
      #expect(coding.agrees(stored, predicted: foretold, actual: done), "\(after.summary): \(foretold), then \(done)")
      #expect(before.isReversible == after.isReversible, "\(after.summary)")
      #expect(before.isChange == after.isChange, "\(after.summary): \(foretold), then \(done)")
    }
  }

  @Test func `a start after a stop is a change that a rollback undoes`() async throws {
    let start = try #require(try await perform([.stop(), .control(.start)], .dry).last)
    #expect(start.isChange && start.isReversible)
    let alone = try #require(try await perform([.control(.start)], .dry).last)
    #expect(!alone.isChange)
  }

  @Test(arguments: [
    [Act.exec, .control(.restart)], [.exec, .swap("v2")], [.exec, .stop()], [.exec, .lift],
    [.exec, .control(.start), .swap("v2")], [.exec, .put("a")], [.exec, .put("a"), .put("b")],
  ])
  func `behind a command nobody can tell what its host will be like`(acts: [Act]) async throws {
    for record in try await perform(acts, .dry).dropFirst() {
      #expect(record.state == .unpredictable("it depends on the result of host.exec before it"), "\(record.state)")
    }
  }

  @Test func `a file that a plan writes twice is found as the first time leaves it`() async throws {
    let records = try await perform([.put("a"), .put("b")], .dry)
    let outcomes = try records.map { record in
      try record.outcome.map { try OperationCoding().decode(PutOutcome.self, from: $0) }
    }
    #expect(outcomes[1]?.before?.digest == outcomes[0]?.digest)
  }

  @Test func `the survey of a deploy sees the bots as earlier steps leave them`() async throws {
    let models = try FleetOfModels()
    var context = CallContext()
    context.run = models.run(.dry)
    let seen = try await lettingTimePass(models.clock) { [context] in
      try await CallContext.$current.withValue(context) {
        var wish = StopWish()
        wish.mode = .haltAll
        _ = try await models.fleet.stop(try BotSelector("web001".value), wish, dry: false)
        let share = HostShare(host: try models.host("web001"), bots: ["bot1"])
        return await models.fleet.survey([share]).bots
      }
    }
    #expect(seen.map(\.state) == ["down"] && seen.map(\.mark) == ["halt_all"])
  }
}
