extension PluginSkeleton {
  static func spec(_ kind: Kind) -> String {
    """
    -- What the plugin does, in a pretend world: `opsh spec init_spec.lua`.

    -- What `df -Pk` prints on a host with this much room.
    local function df(kib)
      return "Filesystem 1024-blocks Used Available Capacity Mounted on\\n/dev/sda1 9000000 5 " .. kib .. " 1% /\\n"
    end

    local function hosts(...)
      local reports = {}
      for index, kib in ipairs { ... } do
        reports[index] = { host = "web" .. index, output = kib and df(kib) or nil }
      end
      return { ["fleet.query"] = reports }
    end

    return {
      {
        name = "room is shown in MiB",
        call = { "SAMPLE.room" },
        answers = hosts(2048, 4096),
        result = { { host = "web1", mib = 2 }, { host = "web2", mib = 4 } },
      },
      {
        name = "the fullest host comes first, and a silent host is UNKNOWN",
        check = "SAMPLE.disk",
        answers = hosts(9000000, 100, false),
        findings = {
          { subject = "web2", level = "BAD", value = 0 },
          { subject = "web3", level = "UNKNOWN" },
          { subject = "web1", level = "OK" },
        },
      },\(extraCases(kind))
    }

    """
  }

  private static func extraCases(_ kind: Kind) -> String {
    if kind == .system { return casesOfSystem }
    guard kind == .notifier else { return "" }
    let event = #"event = { event = "question.unanswered", site = "tokyo", run = "20261121-114502" }"#
    return """

        {
          name = "an event goes to the log",
          notify = "log",
          \(event),
          answers = {
            program = function(args)
              assert(args.argv[4] == "tokyo question.unanswered 20261121-114502", args.argv[4])
              return { ok = true }
            end,
          },
          result = true,
        },
        {
          name = "a finding names its check",
          notify = "log",
          event = { event = "finding", site = "tokyo", level = "BAD", check = "host.disk" },
          answers = {
            program = function(args)
              assert(args.argv[4] == "tokyo finding BAD host.disk", args.argv[4])
              return { ok = true }
            end,
          },
          result = true,
        },
        {
          name = "what could not be delivered is said",
          notify = "log",
          \(event),
          answers = { program = { ok = false, error_output = "no such file" } },
          error = { code = "plugin.undelivered", message = "logger: no such file" },
        },
      """
  }

  /// Without a `site` a case has one host a kind, with a bot of it: feed on web1, trader1 on web2.
  private static let casesOfSystem = """

      {
        name = "only bots of the system that trade are asked for",
        call = { "SAMPLE.traders" },
        answers = {
          ["fleet.status"] = function(args)
            assert(args.on == "trader1", args.on)
            return { { bot = "trader1", state = "running" } }
          end,
        },
        result = { "trader1" },
      },
      {
        name = "another site, with two systems",
        site = {
          hosts = { { name = "db1", bots = "feed" }, { name = "db2", bots = "paper-trader[1-2]" } },
          systems = {
            SAMPLE = { plugin = "SAMPLE", on = "db1" },
            paper = { plugin = "SAMPLE", on = "db2", prefix = "paper-" },
          },
        },
        call = { "SAMPLE.traders", system = "paper" },
        answers = {
          ["fleet.status"] = {
            { bot = "paper-trader1", state = "running" }, { bot = "paper-trader2", state = "down" },
          },
        },
        result = { "paper-trader1" },
      },
    """

  static func runbookSpec(_ kind: Kind) -> String {
    kind == .system ? noteSpec.replacing(#"on = "all""#, with: #"on = "web[1-3]""#) : noteSpec
  }

  private static let noteSpec = """
    -- What runbooks/note.lua does.

    local answers = {
      ["SAMPLE.room"] = { { host = "web1", mib = 9 } },
      ["fleet.put"] = {},
      ["fleet.query"] = { { host = "web1", ok = true, output = "hello\\n" } },
    }

    return {
      {
        name = "the note is written and read again",
        arguments = { text = "hello" },
        answers = answers,
        calls = { { "fleet.put", on = "all", path = "SAMPLE.note", content = "hello\\n" } },
        steps = { "write the note: ok" },
        state = "ok",
        result = { hosts = 1 },
      },
      {
        name = "a dry run writes nothing",
        dry = true,
        arguments = { text = "hello" },
        answers = answers,
        calls = {},
        plan = { steps = { "write the note" } },
      },
      {
        name = "a host that does not answer gets no note",
        arguments = { text = "hello" },
        answers = { ["SAMPLE.room"] = { { host = "web1" } }, ["fleet.put"] = {} },
        calls = {},
        error = { message = "web1 does not answer" },
      },
      {
        name = "a host with another note is found",
        arguments = { text = "goodbye" },
        answers = answers,
        error = { message = "web1 has another note" },
      },
    }

    """

  static func readme(_ kind: Kind) -> String {
    let more =
      switch kind {
      case .plain: ""
      case .system: "\n| `system.lua` | The facts of the product: its bots, and what they need; data |"
      case .runtime: "\n| `driver.sh` | How bots run on a host, in POSIX sh |"
      case .notifier: ""
      }
    return """
      # SAMPLE

      Says what SAMPLE operates, and for whom.

      | File | What it holds |
      |---|---|
      | `plugin.lua` | What the plugin promises, and how its checks are judged: data |
      | `init.lua` | The functions that it promises |
      | `runbooks/` | Runbooks, called `SAMPLE/NAME` |
      | `*_spec.lua` | What all of this does, in a pretend world |\(more)

      `opsh plugin check .` looks for mistakes and runs the specs. `opsh sign .` signs the plugin for sites that ask for
      signatures.

      """
  }
}
