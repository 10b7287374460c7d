import LuaRuntime
import PrimitiveKit
import RunbookHeader

enum Sample {
  static func engine() throws -> LuaEngine {
    let look = Primitive("fleet.hosts", "Lists hosts.", effect: .reads, returns: "Names", examples: []) {
      () -> [String] in
      ["web1"]
    }
    return try LuaEngine(catalog: try Catalog([look]))
  }

  /// The header of a Lua table, as `deploy.lua` would return it.
  static func header(_ table: String) async throws -> RunbookHeader {
    try await RunbookFile.load("return " + table, path: "runbooks/deploy.lua", engine: engine()).header
  }

  static func failure(_ table: String) async throws -> CallFailure? {
    do {
      _ = try await header(table)
      return nil
    } catch {
      return CallFailure(anyError: error)
    }
  }

  static func parameters(_ list: String) async throws -> RunbookParameters {
    RunbookParameters(
      try await header("{ version = '1.0.0', params = \(list), run = function() end }"),
      path: "runbooks/deploy.lua"
    )
  }

  static let deploy = #"""
    #!/usr/bin/env opsh
    --- Rolls bots to an image.

    local function targets(params) return fleet.hosts<on=params.target> end

    return {
      version = "1.4.0",
      summary = "Rolls bots to an image in waves, with gates, and verifies every one of them",
      owner = "trading-ops",
      updated = "2026-11-02",
      review_after = 180,
      refs = { "docs/runbooks.md" },
      effects = { "reads", "changes" },
      lock = { { scope = "environment/{environment}" }, { scope = "host/{hosts}", mode = "shared" } },
      confirm = { type = "count", value = function(plan) return #plan.hosts end, text = "Roll {target} to {image}?" },
      requires = { opsh = ">=0.1", plugins = { "process" } },
      exactness = "95%",
      policy = { on_failure = "rollback", retries = 1 },

      params = {
        { "target", type = "hosts", help = "Which hosts" },
        { "image", type = "image", required = false, help = "Image to run; the site's default image" },
        { "speed", type = "speed", default = "routine", choices = { "routine", "fast" }, help = "How careful" },
        { "settle", type = "duration", default = "2m", min = "10s", max = "1h", help = "How long a bot must run without a restart" },
        { "environment", default = "demo", pattern = "[a-z]+" },
        { "hosts", type = "list of hosts", default = {}, max = 5, help = "Hosts that something else relies on" },
        { "dry", type = "boolean", default = false },
      },

      check = function(job, params) return { hosts = targets(params) } end,
      run = function(job, params, plan) end,
      undo = function(job, params, plan) end,
    }
    """#
}
