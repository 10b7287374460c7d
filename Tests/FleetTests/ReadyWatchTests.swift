import Foundation
import HostScript
import OpshTesting
import PrimitiveKit
import Testing

@testable import Fleet
@testable import Site

/// What counts as a sign that a bot is ready.
struct ReadyWatchTests {
  /// Why the probe of a file does not hold that was written then, by the clock of its host; nil when it holds.
  private func unmet(written: Int, now: Int, start: Int?) async throws -> String? {
    let models = try FleetOfModels(hosts: 1)
    let transport = ScriptedTransport { _, _ throws(TransportError) in .ended(0, "\(written)\n\(now)\n") }
    let world = World(
      mode: .live,
      clock: models.clock,
      now: { .init(timeIntervalSince1970: 0) },
      drawSeed: { 1 },
      transport: transport
    )
    let watch = ReadyWatch(
      bot: "bot1",
      readiness: Readiness(probes: [.file(HostPath("beat"), age: .seconds(10))], within: .zero),
      calls: HostCalls(runtime: try models.runtime(), world: world, host: try models.host("web001").hostAddress),
      clock: models.clock
    )
    return try await watch.wait(from: start.map { ReadyPlace(now: $0) })
  }

  // A file of the year 2030 was written since the start and was not older than 10 s.
  @Test func `a file of the future is no sign that a bot is ready`() async throws {
    #expect(try await unmet(written: 1000, now: 1004, start: 990) == nil)
    #expect(try await unmet(written: 1009, now: 1004, start: 990) == nil)
    #expect(
      try await unmet(written: 1310, now: 1010, start: 990)
        == "not ready within 0 s: beat was written 5 min in the future: a clock is wrong"
    )
    #expect(try await unmet(written: 1310, now: 1010, start: nil)?.contains("in the future") == true)
    #expect(try await unmet(written: 980, now: 1004, start: 990)?.contains("not written since the start") == true)
  }
}
