import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Site
import Synchronization
import Testing

@testable import Fleet

/// Plugins have their say once a deploy has ended.
struct DeployedHookTests {
  private final class Plugins: HookRunner {
    private let answers: [HookAnswer]
    let asked = Mutex<[Value]>([])

    init(_ answers: [HookAnswer]) { self.answers = answers }

    func plugins(with point: HookPoint) -> [String] { answers.map(\.plugin) }

    func ask(_ point: HookPoint, _ subject: Value) async -> [HookAnswer] {
      asked.withLock { $0.append(subject) }
      return answers
    }
  }

  private let all = DeployArguments(target: "all", speed: "routine")

  @Test func `what they answer is shown, and what fails there leaves the deploy as it is`() async throws {
    let plugins = Plugins([
      HookAnswer(plugin: "a", .success("3 accounts have no orders".value)), HookAnswer(plugin: "b", .success(.null)),
      HookAnswer(plugin: "c", .success(["one", "two"].value)), HookAnswer(plugin: "d", .success(7.value)),
      HookAnswer(plugin: "e", .failure(CallFailure(.failed, code: "x", message: "plugin 'e': it fell over"))),
    ])
    let models = try FleetOfModels(hooks: plugins)
    let report = try await models.deploy(all, yes: true)
    #expect(report["result"] == "Success".value && models.dialogue.notes == [.ok])
    #expect(plugins.asked.withLock { $0 }.map { $0["result"] } == ["Success".value])
    #expect(
      models.dialogue.said.suffix(5) == [
        "a: 3 accounts have no orders", "c: one", "c: two",
        "hook 'deployed': plugin 'd' answered 7, which is no text; the deploy stands",
        "hook 'deployed': plugin 'e': it fell over; the deploy stands",
      ]
    )
  }

  @Test func `they are asked of a deploy that halted, and not in a dry run`() async throws {
    let plugins = Plugins([HookAnswer(plugin: "a", .success("said".value))])
    let models = try FleetOfModels(hosts: 30, hooks: plugins)
    _ = try await models.deploy(all, dry: true)
    #expect(plugins.asked.withLock { $0 }.isEmpty)
    for host in models.site.hosts { models.model(host.name) { $0.swap = .rollsBack } }
    _ = await models.failure(all, yes: true)
    #expect(plugins.asked.withLock { $0 }.map { $0["result"] } == ["Halted".value])
  }

  @Test func `an interrupted deploy has not ended: they are asked once it was resumed`() async throws {
    let plugins = Plugins([HookAnswer(plugin: "a", .success("said".value))])
    let models = try FleetOfModels(hosts: 4, hooks: plugins)
    let record = MemoryRecord()
    let deploy = { @Sendable [all] (fleet: Fleet) async throws -> Value in
      try await fleet.deploy(all, assumesYes: true, dry: false).value
    }
    let stop = CallFailure(.cancelled, code: "run.interrupted", message: "run r1 was stopped")
    await #expect(throws: CallFailure.self) {
      try await models.inRun(record) { fleet in
        await CallContext.current.run?.stopStarting(stop)
        return try await deploy(fleet)
      }
    }
    #expect(plugins.asked.withLock { $0 }.isEmpty && !models.dialogue.said.contains("a: said"))
    _ = try await models.inRun(record, deploy)
    #expect(plugins.asked.withLock { $0 }.map { $0["result"] } == ["Success".value])
    #expect(models.dialogue.said.filter { $0 == "a: said" }.count == 1)
  }

  @Test func `nobody is asked after Ctrl-C`() async throws {
    let plugins = Plugins([HookAnswer(plugin: "a", .success("said".value))])
    let models = try FleetOfModels(hosts: 20, hooks: plugins)
    let (fleet, all) = (models.fleet, all)
    let task = Task { try await fleet.deploy(all, assumesYes: true, dry: false) }
    await models.clock.sleepers(atLeast: 1)
    task.cancel()
    let result = await lettingTimePass(models.clock) { await task.result }
    let failure = #expect(throws: CallFailure.self) { try result.get() }
    #expect(failure?.code == "rollout.interrupted" && plugins.asked.withLock { $0 }.isEmpty)
  }
}
