import PrimitiveKit
import Specs
import Testing

/// Specs of plugins: their code is real, what it calls answers what the case says.
struct PluginSpecTests {
  private static let manifest = """
    return {
      id = "desk", version = "1.0.0", api = 2, summary = "Desks", capabilities = { "hosts:read", "hosts:change" },
      config = { { "sign", type = "path", default = "open.txt" } },
      provides = {
        primitives = {
          { name = "count", summary = "Counts", effect = "reads", returns = "a number",
            params = { { "on", type = "hosts", default = "all" } } },
          { name = "open", summary = "Opens", effect = "changes", returns = "records" },
          { name = "spy", summary = "Reads a file", effect = "reads", returns = "text" },
        },
        notifiers = { "pager" }, runbooks = { "morning" },
      },
    }
    """
  private static let code = """
    return {
      primitives = {
        count = function(args) return #fleet.query { on = args.on, cmd = "true" } end,
        open = function(_, config) return fleet.put { on = "web1", path = config.sign, content = "open" } end,
        spy = function() return file.read "/etc/hosts" end,
      },
      notifiers = { pager = function(event) return event.level == "BAD" or "only bad news" end },
    }
    """
  private static let runbook = """
    return {
      version = "1.0.0", summary = "Opens", effects = { "changes" },
      run = function(job)
        job:step("open", function() desk.open() end)
        return { count = desk.count() }
      end,
    }
    """

  private func run(_ spec: String, _ cases: String) async throws -> SpecResult {
    let folder = try SpecFolder([
      "desk/plugin.lua": Self.manifest, "desk/init.lua": Self.code, "desk/runbooks/morning.lua": Self.runbook,
      "desk/\(spec)": "return {\n\(cases)\n}\n",
    ])
    return try await folder.run("desk/\(spec)")
  }

  @Test func `primitives and notifiers of a plugin do what their spec says`() async throws {
    let cases = """
      { name = "counts", call = { "desk.count", on = "web1" }, result = 2,
        answers = { ["fleet.query"] = function(args) assert(args.on == "web1") return { 1, 2 } end } },
      { name = "in the order of the declaration", call = { "desk.count", "web2" }, result = 0,
        answers = { ["fleet.query"] = {} } },
      { name = "opens", call = { "desk.open" }, settings = { sign = "x" }, answers = { ["fleet.put"] = {} },
        calls = { { "fleet.put", on = "web1", path = "x", content = "open" } } },
      { name = "only plans", call = { "desk.open" }, dry = true, answers = { ["fleet.put"] = {} }, calls = {} },
      { name = "refuses", call = { "desk.spy" }, error = { code = "plugin.capability", message = "'files'" } },
      { name = "delivers", notify = "pager", event = { level = "BAD" }, result = true },
      { name = "does not", notify = "pager", event = { level = "OK" }, error = { message = "only bad news" } },
      { name = "is checked", call = { "desk.count", of = "web1" }, error = { code = "call.argument" } },
      { name = "another site", call = { "desk.count" }, site = { hosts = { { name = "db1" } } }, result = 1,
        answers = { ["fleet.query"] = { 1 } } },
      """
    let result = try await run("init_spec.lua", cases)
    #expect(result.isPassed && result.outcomes.count == 9, "\(SpecReport([result]).text)")
  }

  @Test func `a runbook of a plugin calls its real primitives unless the case answers them`() async throws {
    let cases = """
      { name = "real", answers = { ["fleet.put"] = {}, ["fleet.query"] = { 1 } }, result = { count = 1 },
        calls = { { "fleet.put", on = "web1", path = "open.txt", content = "open" } }, steps = { "open: ok" } },
      { name = "answered", answers = { ["desk.open"] = {}, ["desk.count"] = 7 }, result = { count = 7 },
        calls = { { "desk.open" } } },
      """
    let result = try await run("runbooks/morning_spec.lua", cases)
    #expect(result.isPassed && result.outcomes.count == 2, "\(SpecReport([result]).text)")
  }

  @Test(arguments: [
    (#"{ name = "x", call = { "desk.cont" } }"#, "no primitive is called 'desk.cont'; did you mean 'desk.count'?"),
    (#"{ name = "x", notify = "pagr" }"#, "plugin 'desk' has no notifier 'pagr'"),
  ])
  func `a case about what the plugin does not provide fails with the nearest name`(body: String, words: String)
    async throws
  {
    let text = SpecReport([try await run("init_spec.lua", body)]).text
    #expect(text.contains(words), "\(text)")
  }

  @Test(arguments: [
    (#"{ name = "x" }"#, "[1].notify: expected what the case does"),
    (#"{ name = "x", call = {} }"#, "[1].call: expected a call such as"),
    (#"{ name = "x", arguments = {} }"#, "[1].arguments: expected a known key"),
    (#"{ name = "x", call = { "desk.count" }, settings = { sgn = 1 } }"#, "no setting 'sgn'"),
  ])
  func `a case that is wrong is told`(body: String, words: String) async throws {
    let result = try await run("init_spec.lua", body)
    #expect(result.problem?.message.contains(words) == true, "\(String(describing: result.problem))")
  }

  @Test func `a plugin that cannot be loaded is the problem of its spec`() async throws {
    let folder = try SpecFolder([
      "desk/plugin.lua": Self.manifest, "desk/runbooks/morning.lua": Self.runbook,
      "desk/init.lua": "return { primitives = {} }",
      "desk/init_spec.lua": #"return { { name = "x", call = { "desk.count" } } }"#,
    ])
    let result = try await folder.run("desk/init_spec.lua")
    #expect(result.problem?.message.contains("desk/init.lua:1") == true, "\(String(describing: result.problem))")
  }
}
