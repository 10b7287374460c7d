import Foundation
import OpshTesting
import Synchronization
import Testing

@testable import PrimitiveKit

/// An operation and what came of it are turned into text once each, however often a run is asked about them.
struct EncodedOperationTests {
  /// How often something was encoded, by whatever copy.
  private final class Encodings: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
  }

  private struct Outcome: ValueConvertible, Codable {
    let encodings: Encodings
    static var luaType: String { "string" }
    var value: Value { .string("done") }

    init(_ encodings: Encodings) { self.encodings = encodings }
    init(_ value: Value) { encodings = Encodings() }
    init(from decoder: any Decoder) { encodings = Encodings() }
    func encode(to encoder: any Encoder) throws {
      encodings.add()
      var container = encoder.singleValueContainer()
      try container.encode("done")
    }
  }

  private struct Counted: PrimitiveKit.Operation {
    let encodings: Encodings
    let outcomes: Encodings
    static let kind = "test.counted"
    var target: OperationTarget { .host("web1") }
    var effect: Effect { .changes }
    var summary: String { "count" }

    init(_ encodings: Encodings, _ outcomes: Encodings) { (self.encodings, self.outcomes) = (encodings, outcomes) }
    init(from decoder: any Decoder) { self.init(Encodings(), Encodings()) }
    func encode(to encoder: any Encoder) throws {
      encodings.add()
      var container = encoder.singleValueContainer()
      try container.encode("counted")
    }

    func predict(in world: World) async throws(CallFailure) -> Prediction<Outcome> { .exact(Outcome(outcomes)) }
    func perform(in world: World) async throws(CallFailure) -> Outcome { Outcome(outcomes) }
    func probe(in world: World) async throws(CallFailure) -> Probe<Outcome> { .notDone }
    func inverse(of outcome: Outcome) -> (any PrimitiveKit.Operation)? { nil }
  }

  @Test func `a change that is asked about and performed is encoded once, and so is its outcome`() async throws {
    let (encodings, outcomes) = (Encodings(), Encodings())
    let record = MemoryRecord()
    let world = World(
      mode: .live,
      clock: ManualClock(),
      now: { Date(timeIntervalSince1970: 0) },
      drawSeed: { 1 },
      services: Services()
    )
    let run = Run(id: "r1", world: world, holding: HoldsEverything(), record: record)
    let operation = try run.encoded(Counted(encodings, outcomes))
    #expect(await !run.knows(operation))
    #expect(await !run.isInDoubt(operation))
    _ = try await run.perform(operation)
    #expect(await !run.isInDoubt(operation))
    #expect(encodings.value == 1 && outcomes.value == 1)
    #expect(record.intents.map(\.text) == [operation.text])
    #expect(await run.operations.first?.intent.key == record.intents.first?.key)
  }
}
