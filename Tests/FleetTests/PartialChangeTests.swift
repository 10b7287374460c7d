import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Testing

@testable import Fleet

/// What a change that reached only some hosts is to its caller.
struct PartialChangeTests {
  private func models() throws -> FleetOfModels {
    let models = try FleetOfModels(hosts: 3)
    models.model("web002") { $0.problem = .unreachable(host: "web002", reason: "no route to host", hint: nil) }
    return models
  }

  /// The failure of a command, and what its exit code would be without one.
  private func run(
    _ models: FleetOfModels,
    _ tolerance: Tolerance,
    on hosts: String = "web*",
    primitive: String = "fleet.exec",
    check: Bool? = nil
  ) async throws -> CallFailure? {
    let command = try HostCommand("date".value)
    return try await models.inRun(MemoryRecord(), tolerance: tolerance) { fleet in
      do throws(CallFailure) {
        _ = try await fleet.command(
          CommandCall(
            primitive: primitive,
            selector: hosts,
            command: command,
            timeout: .seconds(60),
            effect: primitive == "fleet.query" ? .reads : .changes,
            check: check
          )
        )
        return nil
      } catch {
        return error
      }
    }
  }

  @Test func `who looks at the answer gets it, and the exit code tells`() async throws {
    let models = try models()
    #expect(try await run(models, .any) == nil)
    #expect(models.dialogue.notes == [.failuresWithinBudget])
  }

  @Test(arguments: [Tolerance.budget, .none]) func `a runbook gets an error that names who and why`(
    tolerance: Tolerance
  ) async throws {
    let models = try models()
    let failure = try await run(models, tolerance)
    #expect(failure?.code == "change.unreachable")
    #expect(failure.map(ExitCode.init(failure:)) == .unreachableBudget)
    #expect(failure?.message.hasPrefix("fleet.exec did not succeed on 1 of 3: web002: unreachable:") == true)
    #expect(failure?.message.hasSuffix("no route to host") == true)
    #expect(failure?.hint?.contains("check=false") == true)
    #expect(models.dialogue.notes == [])
  }

  @Test func `the option of the call decides, whoever calls`() async throws {
    let models = try models()
    #expect(try await run(models, .budget, check: false) == nil)
    #expect(models.dialogue.notes == [])
    #expect(try await run(models, .any, check: true)?.code == "change.unreachable")
  }

  @Test func `what only looks is asked for its answer`() async throws {
    let models = try models()
    #expect(try await run(models, .none, primitive: "fleet.query") == nil)
    #expect(models.dialogue.notes == [.failuresWithinBudget])
    #expect(try await run(models, .none, primitive: "fleet.query", check: true)?.code == "change.unreachable")
  }

  @Test func `what may have happened is unknown, whatever else failed`() async throws {
    let models = try models()
    models.model("web003") { $0.problem = .lost(host: "web003", reason: "connection reset") }
    let failure = try await run(models, .budget)
    #expect(failure?.code == "change.unknown" && failure?.leavesUnknown == true)
    #expect(failure.map(ExitCode.init(failure:)) == .unknownOutcomes)
  }

  @Test func `a deploy that leaves out a host is an item's failure and no step's`() async throws {
    let arguments = DeployArguments(target: "all", speed: "routine")
    let models = try models()
    let report = try await models.inRun(MemoryRecord(), tolerance: .budget) { fleet in
      try await fleet.deploy(arguments, assumesYes: true, dry: false).value
    }
    #expect(report["result"] == "Partial".value)
    await #expect {
      try await self.models().inRun(MemoryRecord(), tolerance: .none) { fleet in
        try await fleet.deploy(arguments, assumesYes: true, dry: false).value
      }
    } throws: { error in
      (error as? CallFailure)?.code == "deploy.partial"
    }
  }
}
