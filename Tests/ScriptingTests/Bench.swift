import Foundation
import LuaRuntime
import OpshTesting
import PrimitiveKit
import Scripting

/// An engine with what this target gives to scripts, over a world of the test.
struct Bench {
  let clock = ManualClock()
  let dialogue = RecordingDialogue()
  let options: SessionOptions
  let services: Services
  /// The wall clock stands 1 795 230 847.25 s after 1970 when the clock of the test stands at 0.
  static let beginning = 1_795_230_847.25

  init(isDryRun: Bool = false, services: Services = Services()) {
    options = SessionOptions(isDryRun: isDryRun)
    self.services = services
  }

  var world: World {
    World(
      mode: .live,
      clock: clock,
      now: { [clock] in Date(timeIntervalSince1970: Bench.beginning + (clock.now.offset / .seconds(1))) },
      drawSeed: { 7 },
      services: services
    )
  }

  var surroundings: Surroundings { Surroundings(world: world, dialogue: dialogue, options: options) }

  func engine(with more: [Primitive] = []) throws -> LuaEngine {
    try LuaEngine(catalog: try Catalog(try Domain.scripting.primitives(surroundings) + more))
  }

  /// Runs a script; time passes whenever it waits.
  func run(_ code: String, in context: CallContext = CallContext(), with more: [Primitive] = []) async throws -> [Value]
  {
    let engine = try engine(with: more)
    return try await lettingTimePass(clock) {
      try await CallContext.$current.withValue(context) {
        try await engine.run(code, name: "=test", kind: .script, tracing: context.isDryRun)
      }
    }
  }

  /// The context of a call in a run with this record.
  func context(
    _ record: MemoryRecord = MemoryRecord(),
    _ mode: World.Mode = .live,
    moment: Int? = nil,
    in folder: String? = nil
  ) -> CallContext {
    let run = Run(
      id: "r1",
      world: mode == .dry ? world.dry : world,
      record: record,
      replay: record.replay
    )
    var context = CallContext(isDryRun: mode == .dry)
    (context.run, context.step, context.moment, context.folder) = (run, "step", moment, folder)
    return context
  }
}
