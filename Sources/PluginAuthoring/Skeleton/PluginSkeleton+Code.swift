extension PluginSkeleton {
  static func code(_ kind: Kind) -> String {
    """
    -- What plugin.lua promises, and nothing else.

    local function room(on, folder)
      local rows = {}
      for _, report in ipairs(fleet.query { on = on, cmd = { "df", "-Pk", folder } }) do
        local kib = (report.output or ""):match("\\n%S+%s+%d+%s+%d+%s+(%d+)")
        rows[#rows + 1] = { host = report.host, mib = kib and tonumber(kib) // 1024 }
      end
      return rows
    end

    return {
      primitives = {
        room = \(kind == .system ? ofSystem.room : ofSite.room),\(kind == .system ? ofSystem.more : "")
      },

      checks = {
        disk = \(kind == .system ? ofSystem.disk : ofSite.disk)
          local found = {}
          for _, row in ipairs(\(kind == .system ? ofSystem.rows : ofSite.rows)) do
            -- A host that does not answer has no value: its finding is UNKNOWN.
            found[#found + 1] = { subject = row.host, value = row.mib }
          end
          return found
        end,
      },\(extra(kind))
    }

    """
  }

  private static let ofSite = (
    room: "function(args, config) return room(args.on, config.folder) end",
    more: "",
    disk: "function(_, config)",
    rows: #"room("all", config.folder)"#
  )

  /// Functions of a plugin that serves systems get the system first.
  private static let ofSystem = (
    room: "function(system) return room(system.hosts, system.config.folder) end",
    more: """


        traders = function(system)
          local running = {}
          for _, status in ipairs(fleet.status { on = system.roles.trader }) do
            if status.state == "running" then running[#running + 1] = status.bot end
          end
          return running
        end,
    """,
    disk: "function(system)",
    rows: "room(system.hosts, system.config.folder)"
  )

  private static func extra(_ kind: Kind) -> String {
    switch kind {
    case .plain, .system: ""
    case .runtime:
      """


        runtimes = {
          SAMPLE = {
            script = "driver.sh",
            -- A directory of its own beside those of the bots.
            reserved = { "images" },
            verbs = {
              pull = "driver_pull", start = "driver_start", stop = "driver_stop", rename = "driver_rename",
              remove = "driver_remove", inspect = "driver_inspect", list = "driver_list", logs = "driver_logs",
            },
            environment = function(config) return { ROOT = config.root } end,
          },
        },
      """
    case .notifier:
      """


        notifiers = {
          -- Answers true once the event is delivered, else why it is not.
          log = function(event)
            -- A finding names its check, what is of a run its number.
            local about = event.check and ("%s %s"):format(event.level, event.check) or event.run or ""
            local words = { "logger", "-t", "SAMPLE", ("%s %s %s"):format(event.site, event.event, about) }
            local sent = program { argv = words, effect = "changes", timeout = "10s", check = false }
            return sent.ok or ("logger: " .. sent.error_output)
          end,
        },
      """
    }
  }

  /// What a plugin says of the bots of each of its systems.
  static let system = """
    -- The facts of the product, as data: its bots, what they need, and what shows that they work.
    return {
      bots = {
        feed = { role = "data", ready = { log = { has = "connected" }, within = "30s" } },
        ["trader*"] = { role = "trader", needs = { "feed" } },
      },
    }

    """

  /// A runbook of a plugin that serves systems gets one of them, any other a set of hosts.
  static func runbook(_ kind: Kind) -> String {
    let (choice, room, hosts) =
      kind == .system
      ? (
        #"{ "system", type = "system", default = "SAMPLE", help = "Which system" }"#,
        "system = args.system", "args.system.hosts"
      )
      : (#"{ "on", type = "hosts", default = "all", help = "Which hosts" }"#, "on = args.on", "args.on")
    return """
      -- Leaves a note on hosts, for whoever logs in next.
      return {
        version = "0.1.0", owner = "operations", updated = "TODAY", review_after = 180,
        summary = "Leaves a note on the hosts of SAMPLE",
        effects = { "changes" },
        params = {
          { "text", pattern = "[ -~]+", help = "What to say" },
          \(choice),
        },

        check = function(_, args)
          return { room = SAMPLE.room { \(room) } }
        end,

        run = function(job, args, found)
          for _, row in ipairs(found.room) do job:ensure(row.mib, row.host .. " does not answer") end
          job:step("write the note", function()
            return fleet.put { on = \(hosts), path = "SAMPLE.note", content = args.text .. "\\n" }
          end)
          return { hosts = #found.room }
        end,

        verify = function(job, args, result)
          local reports = fleet.query { on = \(hosts), cmd = { "cat", "SAMPLE.note" } }
          job:ensure(#reports == result.hosts, "a host is missing")
          for _, report in ipairs(reports) do
            job:ensure(report.ok, report.host .. " does not answer")
            job:ensure((report.output or ""):find(args.text, 1, true), report.host .. " has another note")
          end
        end,
      }

      """
  }
}
