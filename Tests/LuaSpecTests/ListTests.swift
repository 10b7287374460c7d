import LuaRuntime
import PrimitiveKit
import Testing

/// Runs the modules of `lua/` as scripts see them.
struct ListTests {
  static let records = """
    local list = require "opsh.list"
    local records = {
      { bot = "bot1", state = "running", uptime = 30 }, { bot = "bot2", state = "down" },
      { bot = "bot3", state = "running", uptime = 10 },
    }

    """

  func run(_ source: String) async throws -> [Value] {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let engine = try LuaEngine(catalog: Catalog(), configuration: LuaConfiguration(moduleRoots: ["/\(root)/lua"]))
    return try await engine.run(Self.records + source, name: "@spec.lua", kind: .script)
  }

  @Test(arguments: [
    (#"return list.column(list.where(records, { state = "running" }), "bot")"#, ["bot1", "bot3"]),
    (#"return list.column(list.where(records, function(r) return r.uptime == nil end), "bot")"#, ["bot2"]),
    (#"return list.column(list.sort_by(records, "uptime"), "bot")"#, ["bot3", "bot1", "bot2"]),
    (#"return list.column(list.sort_by(records, "uptime", true), "bot")"#, ["bot1", "bot3", "bot2"]),
    (#"return list.column(list.count_by(records, "state"), "value")"#, ["running", "down"]),
  ])
  func `a question to a list`(source: String, answer: [String]) async throws {
    #expect(try await run(source) == [answer.value])
  }

  @Test func `sums and counts`() async throws {
    #expect(
      try await run(#"return list.sum(records, "uptime"), list.count_by(records, "state")[1].count"#) == [
        .int(40), .int(2),
      ]
    )
  }

  @Test func `what was asked stays as it was`() async throws {
    #expect(try await run(#"list.sort_by(records, "bot", true) return records[1].bot"#) == [.string("bot1")])
  }
}
