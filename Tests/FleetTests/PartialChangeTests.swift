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

  @Test func `what this machine could not send is no host's failure, unless another one failed too`() async throws {
    let models = try FleetOfModels(hosts: 3)
    let fault = TransportError.local(host: "web002", reason: "too many open files", hint: "raise `ulimit -n`")
    models.model("web002") { $0.problem = fault }
    let failure = try await run(models, .none)
    #expect(failure?.code == "change.not_sent" && failure?.isLocal == true)
    #expect(failure?.hint == "raise `ulimit -n`")
    #expect(
      failure?.message
        == "fleet.exec did not succeed on 1 of 3: web002: not run: nothing was sent: too many open files",
      "\(failure?.message ?? "")"
    )
    models.model("web003") { $0.problem = .rejected(host: "web003", path: "x", reason: "no space left") }
    #expect(try await run(models, .none)?.code == "change.failed")
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
    // The history says what was tolerated; the exit code is the caller's.
    #expect(models.dialogue.notes == [.ok])
    #expect(try await run(models, .any, check: true)?.code == "change.unreachable")
  }

  @Test func `what only looks is asked for its answer`() async throws {
    let models = try models()
    #expect(try await run(models, .none, primitive: "fleet.query") == nil)
    #expect(models.dialogue.notes == [.failuresWithinBudget])
    #expect(try await run(models, .none, primitive: "fleet.query", check: true)?.code == "change.unreachable")
  }

  @Test(arguments: ["stop", "abort", "restart", "lift", "put"])
  func `a host that answered and did not do it is not called unreachable`(primitive: String) async throws {
    let models = try FleetOfModels(hosts: 1)
    models.model("web001") { host in
      for verb in ["latch", "kill", "restart", "place"] { host.faults[verb] = "bot.odd" }
    }
    let failure = try await models.inRun(MemoryRecord(), epoch: 1000) { fleet -> CallFailure? in
      do throws(CallFailure) {
        switch primitive {
        case "stop": _ = try await fleet.stop("bot1", StopWish(), check: true, dry: false)
        case "abort":
          let run = "20261121-114502-6ca32b16"
          _ = try await fleet.abort("web001", run: run, grace: .seconds(1), check: true, dry: false)
        case "restart": _ = try await fleet.control(.restart, "bot1", grace: .seconds(1), check: true, dry: false)
        case "lift": _ = try await fleet.lift("bot1", reason: "x", check: true, dry: false)
        default:
          let put = try? Catalog(fleet.primitives)["fleet.put"]
          let words = ["on": "web001".value, "path": "x".value, "content": "y".value, "check": true.value]
          _ = try await put?.call([.table(words)])
        }
        return nil
      } catch {
        return error
      }
    }
    #expect(failure?.code == "change.failed" && failure?.failureClass == .failed, "\(failure as Any)")
    #expect(failure?.message.contains("unreachable") == false, "\(failure as Any)")
  }

  @Test(arguments: [true, false])
  func `a bot that was not restarted was not restarted, whatever runs`(isSaid: Bool) async throws {
    let models = try FleetOfModels(hosts: 1)
    models.model("web001") {
      $0.isUnkillable = isSaid
      if !isSaid { $0.swap = .silent }
    }
    let bots = try await models.inRun(MemoryRecord()) { fleet in
      try await fleet.control(.restart, "bot1", grace: .seconds(1), dry: false)
    }
    #expect(bots.map(\.state) == ["running"])
    #expect(models.dialogue.said.contains("restarted 0 of 1 bot"))
    #expect(models.dialogue.notes == [.failuresWithinBudget])
    let why = isSaid ? "bot1: process 7 or one of its group survived SIGKILL" : "the host did not report its restart"
    #expect(models.dialogue.said.contains("  bot1 on web001: running: \(why)"), "\(models.dialogue.said)")
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
