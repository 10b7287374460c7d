import HostScriptTesting
import OpshTesting
import Testing

@testable import Fleet
@testable import PrimitiveKit

/// What a host stops together with a bot stands in the plan before it happens (E7c).
struct DraggingTests {
  private func comments(_ acts: [(ControlBots.Verb, [String])]) async throws -> [String?] {
    let models = try FleetOfModels()
    models.model("web001") { host in
      host.bots["bot1"]?.drags = "bot2 bot3 backup.timer"
      host.bots["bot2"]?.drags = "bot3"
    }
    let address = try models.host("web001").hostAddress
    let run = models.run(.dry)
    try await lettingTimePass(models.clock) {
      for (verb, bots) in acts {
        _ = try await run.perform(
          ControlBots(verb: verb, host: address, bots: bots, runtime: try models.runtime(), stopGrace: 1, settle: 1)
        )
      }
    }
    return await run.operations.map(\.comment)
  }

  @Test func `a restart and a stop say what goes with them`() async throws {
    #expect(try await comments([(.restart, ["bot1"])]) == ["also restarts backup.timer,bot[2-3], stopped with bot1"])
    #expect(try await comments([(.stop, ["bot1"])]) == ["also stops backup.timer,bot[2-3], stopped with bot1"])
    #expect(try await comments([(.start, ["bot1"])]) == [nil])
    #expect(try await comments([(.restart, ["bot3"])]) == [nil])
  }

  @Test func `what is changed with it, or was stopped before it, is not dragged`() async throws {
    #expect(
      try await comments([(.restart, ["bot1", "bot2", "bot3"])]) == ["also restarts backup.timer, stopped with bot1"]
    )
    let ordered = try await comments([(.stop, ["bot3"]), (.stop, ["bot2"]), (.restart, ["bot1"])])
    #expect(ordered == [nil, nil, "also restarts backup.timer, stopped with bot1"])
  }

  @Test func `what a stop drags down is down for the rest of the plan`() async throws {
    let models = try FleetOfModels()
    models.model("web001") { $0.bots["bot1"]?.drags = "bot2" }
    let address = try models.host("web001").hostAddress
    let run = models.run(.dry)
    let runtime = try models.runtime()
    let seen = try await lettingTimePass(models.clock) {
      _ = try await run.perform(
        ControlBots(verb: .stop, host: address, bots: ["bot1"], runtime: runtime, stopGrace: 1, settle: 1)
      )
      return try await run.perform(
        ControlBots(verb: .start, host: address, bots: ["bot2"], runtime: runtime, stopGrace: 1, settle: 1)
      )
    }
    #expect(seen?.first?.isChanged == true)
  }

  @Test func `a deploy and an emergency stop say it, too`() async throws {
    let models = try FleetOfModels()
    models.model("web001") { $0.bots["bot1"]?.drags = "bot2" }
    let address = try models.host("web001").hostAddress
    let runtime = try models.runtime()
    let image = try #require(models.site.fleet.images["v2"])
    let run = models.run(.dry)
    try await lettingTimePass(models.clock) {
      _ = try await run.perform(
        SwapBots(
          host: address,
          bots: ["bot1"],
          image: image.reference,
          runtime: runtime,
          timing: SwapBots.Timing(stop: 1, settle: 1, loginWait: 0)
        )
      )
      _ = try await run.perform(
        StopBots(host: address, bots: ["bot1"], runtime: runtime, mode: .stop, grace: 1, reason: "test", settle: 1)
      )
    }
    let comments = await run.operations.map(\.comment)
    #expect(comments == ["also restarts bot2, stopped with bot1", "also stops bot2, stopped with bot1"])
  }
}
