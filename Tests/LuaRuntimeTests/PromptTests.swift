import LuaRuntime
import PrimitiveKit
import Testing

struct PromptTests {
  private func answers(_ entries: [String]) async throws -> [Value] {
    let engine = try TestPrimitives().engine()
    var last: [Value] = []
    for entry in entries { last = try await engine.run(entry, name: "=prompt", kind: .prompt) }
    return last
  }

  @Test(arguments: [
    (["local a, b = 1, { x = 2 }", "a + b.x"], [Value.int(3)]),
    (["local function square(n) return n * n end", "square(4)"], [.int(16)]),
    (["local a = test.wait(5)", "a"], [.int(5)]),
    (["local a = 1 return a", "a + 1"], [.int(2)]),
    (["local a = 1", "local a = a + 1", "a"], [.int(2)]),
    (["x = 5", "x"], [.int(5)]),
    (["function f() return 7 end", "f()"], [.int(7)]),
    (["do local inner = 5 end local outer = 9", "outer"], [.int(9)]),
    (["f = function() return test.wait(3) end; local g = f", "g()"], [.int(3)]),
    (["test.add<a=1, b=2>"], [.int(3)]),
    (["local n = test.add<a=1, b=2>", "n"], [.int(3)]),
    (["-- nothing"], []),
  ])
  func `what an entry declares, the next one sees`(entries: [String], values: [Value]) async throws {
    #expect(try await answers(entries) == values)
  }

  @Test(arguments: [["for i = 1, 3 do local hidden = i end", "hidden"], ["do local inner = 5 end", "inner"]])
  func `locals of inner blocks stay inside`(entries: [String]) async throws {
    let error = await #expect(throws: CallFailure.self) { try await answers(entries) }
    #expect(error?.code == "lua.undefined")
  }

  @Test(arguments: ["x = 5; x", "local x = 5 x", "x = 4\nx + 1", "x = { y = 5 }; x.y", "for i = 1, 5 do x = i end x"])
  func `the expression that closes an entry is its answer`(entry: String) async throws {
    #expect(try await answers([entry]) == [.int(5)])
  }

  @Test func `what is no data prints as its text`() async throws {
    let values = try await answers(["print, test.add, coroutine.create(print), { 1, x = print }"])
    #expect(
      values == [
        .string("<function>"), .string("<function test.add>"), .string("<thread>"),
        .table(["1": .int(1), "x": .string("<function>")]),
      ]
    )
  }

  @Test(arguments: [
    ("1 + 1", Completeness.complete), ("x = 1", .complete), ("", .complete),
    ("fleet.deploy<target=\"all\">", .complete),
    ("if x then", .incomplete), ("f(", .incomplete), ("{ 1,", .incomplete), ("x = [[", .incomplete),
    ("--[[", .incomplete), ("fleet.deploy<target=\"all\",", .incomplete), ("1 +", .incomplete), ("return", .complete),
    ("function f()", .incomplete), ("x = 5; x", .complete), ("x = 5\nx.y[1]", .complete), ("x = 5; f(", .incomplete),
    ("if x then y", .incomplete),
  ])
  func `an entry is complete when Lua wants no more`(source: String, completeness: Completeness) throws {
    #expect(try TestPrimitives().engine().completeness(of: source) == completeness)
  }

  @Test(arguments: ["x = 'abc", "x y", "end", "1 1", ")"])
  func `an entry that can never run is invalid`(source: String) throws {
    guard case .invalid(let failure) = try TestPrimitives().engine().completeness(of: source) else {
      Issue.record("accepted")
      return
    }
    #expect(failure.code == "lua.syntax")
    #expect(failure.message.hasPrefix("prompt:1:"))
  }

  @Test func `completion reads raw and runs nothing`() async throws {
    let primitives = TestPrimitives()
    let engine = try primitives.engine()
    try await engine.run(
      "trap = setmetatable({ plain = { deep = 1 } }, { __index = function() test.wait() end, __pairs = error })",
      name: "=p",
      kind: .prompt
    )
    #expect(await engine.names(under: ["trap"]) == ["plain"])
    #expect(await engine.names(under: ["trap", "plain"]) == ["deep"])
    #expect(await engine.names(under: ["trap", "missing"]) == [])
    #expect(await engine.names(under: ["test"]).contains("wait"))
    #expect(primitives.called.isEmpty)
  }

  @Test func `print goes to the sink`() async throws {
    let primitives = TestPrimitives()
    try await primitives.engine().script("print('a', nil, 1.5, {} ~= nil) print()")
    #expect(primitives.output == ["a\tnil\t1.5\ttrue", ""])
  }

  @Test func `given globals are there from the start`() async throws {
    let engine = try TestPrimitives().engine()
    let values = try await engine.run(
      "return target, #list",
      name: "@s.lua",
      kind: .script,
      globals: ["target": .string("all"), "list": .array([.int(1), .int(2)])]
    )
    #expect(values == [.string("all"), .int(2)])
  }
}
