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

  // All of these passed.
  @Test(arguments: [
    (#"call = { "desk.count" }, answers = { ["desk.count"] = 42 }, result = 42"#, "got an answer of desk.count itself"),
    (#"call = { "desk.count" }, answers = { ["fleet.qurey"] = {} }"#, "'fleet.qurey', which the case answers"),
    (#"call = { "desk.count" }, unknown = { "fleet.qurey" }"#, "'fleet.qurey', which the case answers"),
    (#"check = "desk.count""#, "expected what the check finds"),
    (#"call = { "desk.count" }, error = {}"#, "expected how it fails"),
    (#"call = { "desk.count" }, check = "desk.nope", finding = {}"#, "expected one of `call`, `check` and `notify`"),
  ])
  func `a case that could not fail is refused`(body: String, words: String) async throws {
    let result = try await run("init_spec.lua", #"{ name = "x", \#(body) }"#)
    #expect(result.problem?.message.contains(words) == true, "\(String(describing: result.problem))")
  }

  @Test func `a call without an answer fails the case, whoever catches that`() async throws {
    let files = Self.quant.merging(
      [
        "quant/init.lua": """
        return {
          primitives = {
            traders = function() return pcall(fleet.status) and "all" or "none" end, keys = function() end,
          },
          checks = { feeds = function() return { value = #fleet.query { on = "all", cmd = "true" } } end },
        }
        """,
        "quant/init_spec.lua": """
        return {
          { name = "checked", check = "quant.feeds", finding = { level = "UNKNOWN" } },
          { name = "caught", call = { "quant.traders" }, result = "none" },
          { name = "answered", check = "quant.feeds", answers = { ["fleet.query"] = { 1 } }, finding = { level = "OK" } },
        }
        """,
      ]
    ) { $1 }
    let result = try await SpecFolder(files).run("quant/init_spec.lua")
    let expected = ["the case has no answer for fleet.query", "the case has no answer for fleet.status"]
    #expect(result.outcomes.map(\.problems.count) == [1, 1, 0], "\(SpecReport([result]).text)")
    for words in expected { #expect(SpecReport([result]).text.contains(words), "\(SpecReport([result]).text)") }
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

  private static let quant = [
    "quant/plugin.lua": """
    return {
      id = "quant", version = "1.0.0", api = 2, summary = "Traders",
        capabilities = { "hosts:read", "hosts:change" },
      config = { { "keys", type = "path", help = "Keys" } },
      provides = {
        primitives = {
          { name = "traders", summary = "Names them", effect = "reads", returns = "text" },
          { name = "keys", summary = "Names the file", effect = "reads", returns = "text" },
        },
        checks = { { name = "feeds", summary = "Feeds", ok = { from = 1 } } },
        runbooks = { "hosts" },
      },
    }
    """,
    "quant/system.lua": """
    return { bots = {
      feed = { role = "data" }, ["trader-live"] = { role = "trader", live = true },
      ["trader*"] = { role = "trader", needs = { "feed" } },
    } }
    """,
    "quant/init.lua": """
    return {
      primitives = {
        traders = function(system) return ("%s: %s on %s"):format(system.name, system.roles.trader, system.hosts) end,
        keys = function(system) return system.config.keys end,
      },
      checks = { feeds = function(system) return { value = #system.roles.data } end },
    }
    """,
    "quant/runbooks/hosts.lua": """
    return {
      version = "1.0.0", summary = "Counts", effects = { "changes" },
      params = { { "system", type = "system", default = "quant" } },
      run = function(job, args)
        job:step("put", function() fleet.put { on = args.system.hosts, path = "x", content = "x" } end)
      end,
    }
    """,
  ]

  // Each of these said that the site has no system.
  @Test func `a plugin that serves systems serves one in its specs, with a bot of each kind`() async throws {
    let site = """
      site = {
        hosts = { { name = "db1", bots = "feed" }, { name = "db2", bots = "p-trader7" } },
        systems = { a = { plugin = "quant", on = "db1", keys = "k" },
          p = { plugin = "quant", on = "db2", prefix = "p-", keys = "q" } },
      }
      """
    let cases = """
      { name = "by itself", call = { "quant.traders" }, result = "quant: trader1,trader-live on web[1-3]" },
      { name = "with settings", call = { "quant.keys" }, settings = { keys = "own" }, result = "own" },
      { name = "with made-up settings", call = { "quant.keys" }, result = "/tmp" },
      { name = "measured", check = "quant.feeds", finding = { level = "OK", value = 1, system = "quant" } },
      { name = "of a site", call = { "quant.traders", system = "p" }, result = "p: p-trader7 on db2", \(site) },
      { name = "with its settings", call = { "quant.keys", system = "p" }, result = "q", \(site) },
      { name = "which", call = { "quant.traders" }, error = { message = "system" }, \(site) },
      { name = "measured there", check = "p.feeds", finding = { level = "WARN", value = 0 }, \(site) },
      { name = "hosts alone", call = { "quant.traders" }, site = { hosts = { { name = "db1", bots = "trader2" } } },
        result = "quant: trader2 on db1" },
      { name = "none", call = { "quant.traders" }, site = { systems = {} }, error = { message = "'system' is missing" } },
      """
    let folder = try SpecFolder(Self.quant.merging(["quant/init_spec.lua": "return {\n\(cases)\n}\n"]) { $1 })
    let result = try await folder.run("quant/init_spec.lua")
    #expect(result.isPassed && result.outcomes.count == 10, "\(SpecReport([result]).text)")
  }

  @Test func `a runbook of such a plugin gets the system`() async throws {
    let cases = """
      { name = "gets it", answers = { ["fleet.put"] = {} }, steps = { "put: ok" },
        calls = { { "fleet.put", on = "web[1-3]", path = "x", content = "x" } },
      },
      { name = "or another", arguments = { system = "quont" }, error = { message = "no system is called 'quont'" } },
      """
    let folder = try SpecFolder(
      Self.quant.merging(["quant/runbooks/hosts_spec.lua": "return {\n\(cases)\n}\n"]) { $1 }
    )
    let result = try await folder.run("quant/runbooks/hosts_spec.lua")
    #expect(result.isPassed && result.outcomes.count == 2, "\(SpecReport([result]).text)")
  }

  @Test(arguments: [
    (#"site = { systems = { q = { plugin = "qant", on = "*" } } }"#, "did you mean 'quant'"),
    (#"site = { systems = { q = { plugin = "quant", on = "*", kys = "" } } }"#, "did you mean 'keys'"),
    (
      #"site = { systems = { q = { plugin = "quant", on = "db9", keys = "k" } } }"#,
      "init_spec.lua:1: site.systems.q.on"
    ),
  ])
  func `a system of a case that is wrong is told at its line`(site: String, words: String) async throws {
    let cases = #"return { { name = "x", call = { "quant.traders" }, \#(site) } }"#
    let folder = try SpecFolder(Self.quant.merging(["quant/init_spec.lua": cases]) { $1 })
    let problem = try await folder.run("quant/init_spec.lua").problem
    #expect(
      problem.map { "\($0.message); \($0.hint ?? "")" }?.contains(words) == true,
      "\(String(describing: problem))"
    )
  }
}
