import LuaRuntime
import LuaSyntax
import PrimitiveKit
import Testing

/// What a dry run claims to know is so, whatever the unknown value turns out to be.
struct UnknownSoundnessTests {
  private static let outcomes: [Value] = [
    .null, .bool(false), .int(0), .int(2), .number(2.5), .string("x"), .string("2"), .array([.int(1), .int(2)]),
    .table(["x": .int(1)]),
  ]

  private func run(_ source: String, _ engine: LuaEngine, _ value: Value, tracing: Bool) async -> [Value]? {
    do throws(CallFailure) {
      let globals = ["input": Value.table(["u": value])]
      return try await engine.run(source, name: "@p.lua", kind: .script, globals: globals, tracing: tracing)
    } catch {
      return nil
    }
  }

  private func agree(_ claim: Value, _ fact: Value) -> Bool {
    switch (claim, fact) {
    case (.unknown, _): true
    case (.array(let claims), .array(let facts)):
      claims.count == facts.count && zip(claims, facts).allSatisfy { agree($0, $1) }
    // An unknown field may turn out to be nil, and then is none; a table that has one may turn out to be a list.
    case (.table(let claims), .table(let facts)):
      Set(claims.keys).union(facts.keys).allSatisfy { key in
        key.hasPrefix("table: 0x") || agree(claims[key] ?? .null, facts[key] ?? .null)
      }
    case (.array, .table), (.table, .array): claim.firstUnknown != nil
    case (.string(let claim), .string(let fact)):
      claim.replacing(/0x[0-9a-f]+/, with: "0x") == fact.replacing(/0x[0-9a-f]+/, with: "0x")
    case (.number(let claim), .number(let fact)): claim == fact || (claim.isNaN && fact.isNaN)
    default: claim == fact
    }
  }

  @Test(arguments: 0..<5) func `what is known with an unknown value holds for every outcome`(seed: Int) async throws {
    let engine = try TestPrimitives().engine(LuaConfiguration(instructionLimit: 100_000))
    var maker = ProgramMaker(seed: UInt64(seed), usesUnknown: true)
    var compared = 0
    for _ in 0..<200 {
      let source = maker.program()
      guard let claims = await run(source, engine, UnknownTests.unknown, tracing: true) else { continue }
      for value in UnknownSoundnessTests.outcomes {
        guard let facts = await run(source, engine, value, tracing: false) else { continue }
        compared += 1
        #expect(agree(.array(claims), .array(facts)), "u = \(value.literal)\n\(claims)\n\(facts)\n\(source)")
      }
    }
    #expect(compared > 100)
  }
}
