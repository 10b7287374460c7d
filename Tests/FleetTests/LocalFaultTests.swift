import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Site
import Synchronization
import Testing

@testable import Fleet

/// What this machine cannot do: no host and no release is to blame, and no budget is charged.
struct LocalFaultTests {
  private let all = DeployArguments(target: "all", speed: "routine")

  private func deploy(_ models: FleetOfModels, _ record: MemoryRecord) async throws -> Value {
    let arguments = all
    return try await models.inRun(record) { fleet in
      try await fleet.deploy(arguments, assumesYes: false, dry: false).value
    }
  }

  /// Where a deploy meets the fault first: as it looks at the next host, or at a gate.
  enum Place: Sendable, CaseIterable { case host, gate }

  @Test(arguments: Place.allCases)
  func `an agent that dies in the middle stops a deploy, which goes on once it is back`(place: Place) async throws {
    let models = try FleetOfModels(hosts: 20)
    let record = MemoryRecord()
    let looks = Mutex(0)
    models.failLocally { host, line in
      switch place {
      // The first host gets its script, and no other one.
      case .host:
        return line.hasPrefix("sha256sum") && host.script == nil
          && looks.withLock { looks in
            looks += 1
            return looks > 1
          }
      // What was changed is looked at once by the change itself.
      case .gate:
        return line.contains("inspect") && host.verbs == ["swap"]
          && looks.withLock { looks in
            looks += 1
            return looks > 1
          }
      }
    }
    let failure = await #expect(throws: CallFailure.self) { try await deploy(models, record) }
    #expect(failure?.code == "rollout.interrupted")
    let message = failure?.message ?? ""
    #expect(message.contains("nothing was sent: the SSH agent does not answer"), "\(message)")
    #expect(failure?.hint == "run `ssh-add -l`")
    #expect(failure.map(ExitCode.init(failure:)) == .interrupted)
    let report = try #require(models.dialogue.events("deploy.result").first?.fields)
    let failed = try [String](report["classes"]?["failed"] ?? .null)
    #expect(failed.isEmpty && report["errors"] == 0.value, "\(report)")
    #expect(!record.replay.reads.keys.contains { $0.hasPrefix(Run.verdictKey) })
    #expect(models.site.hosts.filter { models.state($0.name)?.verbs == ["swap"] }.count == 1)
    models.failLocally(nil)
    let resumed = try await deploy(models, record)
    #expect(resumed["result"] == "Success".value)
    for host in models.site.hosts where host.name != "stage01" {
      #expect(models.state(host.name)?.verbs == ["swap"], "\(host.name)")
    }
  }

  @Test func `an agent that is gone before the plan leaves nobody out`() async throws {
    let models = try FleetOfModels()
    models.failLocally { _, _ in true }
    let failure = await models.failure(all, yes: true)
    #expect(failure?.code == "local.fault" && failure?.mark == .local)
    #expect(failure.map(ExitCode.init(failure:)) == .lockRefused)
    #expect(models.dialogue.text.contains("Known down") == false)
  }

  @Test func `one host that this machine cannot ask is not left out either`() async throws {
    let models = try FleetOfModels()
    let fault = TransportError.local(host: "web003", reason: "too many open files", hint: "raise ulimit -n")
    models.model("web003") { $0.problem = fault }
    let failure = await models.failure(all, yes: true)
    #expect(failure?.message == "web003: nothing was sent: too many open files")
    #expect(models.site.hosts.allSatisfy { models.state($0.name)?.verbs == [] })
  }

  @Test func `hosts that all have something else wrong are not said to be out of reach`() async throws {
    let models = try FleetOfModels { table in
      guard case .array(var hosts)? = table["hosts"], case .table(var first)? = hosts.first else { return }
      first["runtime"] = "container".value
      hosts[0] = .table(first)
      table["hosts"] = .array(hosts)
    }
    let failure = await models.failure(all, yes: true)
    #expect(failure?.code == "fleet.unknown_runtime", "\(failure?.message ?? "")")
  }

  @Test func `bots that this machine cannot ask about are unknown`() async throws {
    let models = try FleetOfModels()
    models.failLocally { _, _ in true }
    let share = HostShare(host: try models.host("web001"), bots: ["bot1"])
    let bots = await models.fleet.survey([share]).bots
    #expect(bots.map(\.state) == ["unknown"] && bots.first?.note == "nothing was sent: the SSH agent does not answer")
    let image = try #require(models.site.fleet.images["v2"])
    let verification = Verification(bots, image: image)
    #expect(verification.unknown == ["bot1"] && verification.down == [])
  }

  @Test func `a change that could not be sent is no failure of its host, and is made by whoever resumes`() async throws
  {
    let models = try FleetOfModels()
    let record = MemoryRecord()
    let restart = { () async throws -> Value in
      try await models.inRun(record, tolerance: .none) { fleet in
        try await fleet.control(.restart, try BotSelector("bot1".value), grace: .seconds(1), dry: false).value
      }
    }
    models.failLocally { _, _ in true }
    let failure = await #expect(throws: CallFailure.self) { try await restart() }
    #expect(failure?.code == "change.not_sent" && failure?.isLocal == true, "\(String(describing: failure))")
    models.failLocally(nil)
    _ = try await restart()
    #expect(models.state("web001")?.verbs == ["restart"])
  }
}
