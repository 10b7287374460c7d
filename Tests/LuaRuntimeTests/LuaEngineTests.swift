import LuaRuntime
import PrimitiveKit
import Testing

struct LuaEngineTests {
  @Test(arguments: [
    ("1 + 1", [Value.int(2)]),
    (#""a", nil, true, 0.5"#, [.string("a"), .null, .bool(true), .number(0.5)]),
    (#"{ 1, { x = "y" } }"#, [.array([.int(1), .table(["x": .string("y")])])]),
    (#""\xff""#, [.bytes([0xFF])]),
    ("local x = 1", []),
    ("", []),
  ])
  func `an expression at the prompt answers its values`(source: String, values: [Value]) async throws {
    let engine = try TestPrimitives().engine()
    #expect(try await engine.run(source, name: "=prompt", kind: .prompt) == values)
  }
}
