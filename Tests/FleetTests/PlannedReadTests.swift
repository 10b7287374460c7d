import OpshTesting
import PrimitiveKit
import Testing

@testable import Fleet

/// What a plan says of hosts that it changes before it looks.
struct PlannedReadTests {
  /// Restarts the bots of one host, then looks at another.
  private func look(at host: String, after changed: String, in mode: World.Mode) async throws -> [Value] {
    let models = try FleetOfModels(hosts: 2)
    var context = CallContext()
    context.run = models.run(mode)
    return try await lettingTimePass(models.clock) { [context] in
      try await CallContext.$current.withValue(context) {
        _ = try await models.fleet.control(.restart, try BotSelector(.string(changed)), grace: .seconds(1), dry: false)
        return [
          try await models.fleet.answer(
            CommandCall(
              primitive: "fleet.query",
              selector: host,
              command: try HostCommand("date".value),
              timeout: .seconds(5),
              effect: .reads
            )
          ).value,
          try await models.fleet.plannedRead("fleet.status", of: [try models.host(host)]) { "seen" }.value,
        ]
      }
    }
  }

  @Test func `behind a planned change nobody knows what will be there`() async throws {
    for value in try await look(at: "web001", after: "web001", in: .dry) {
      let unknown = try #require(value.firstUnknown)
      #expect(
        unknown.why.hasPrefix("it reads something an earlier step of the plan changes: restart"),
        "\(unknown.why)"
      )
    }
  }

  @Test(arguments: [("web002", "web001", World.Mode.dry), ("web001", "web001", .live)])
  func `what is not changed, or really is, can be looked at`(host: String, changed: String, mode: World.Mode)
    async throws
  {
    let seen = try await look(at: host, after: changed, in: mode)
    #expect(seen.allSatisfy { $0.firstUnknown == nil })
    #expect(seen.last == .string("seen"))
  }
}
