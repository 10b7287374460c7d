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
        room = function(args, config) return room(args.on, config.folder) end,
      },

      checks = {
        disk = function(_, config)
          local found = {}
          for _, row in ipairs(room("all", config.folder)) do
            -- A host that does not answer has no value: its finding is UNKNOWN.
            found[#found + 1] = { subject = row.host, value = row.mib }
          end
          return found
        end,
      },\(extra(kind))
    }

    """
  }

  private static func extra(_ kind: Kind) -> String {
    switch kind {
    case .plain: ""
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
            local words = { "logger", "-t", "SAMPLE", ("%s %s %s"):format(event.site, event.event, event.run) }
            local sent = program { argv = words, effect = "reads", timeout = "10s", check = false }
            return sent.ok or ("logger: " .. sent.error_output)
          end,
        },
      """
    }
  }

  static let runbook = """
    -- Leaves a note on hosts, for whoever logs in next.
    return {
      version = "0.1.0", owner = "operations", updated = "TODAY", review_after = 180,
      summary = "Leaves a note on the hosts of SAMPLE",
      effects = { "changes" },
      params = {
        { "text", pattern = "[ -~]+", help = "What to say" },
        { "on", type = "hosts", default = "all", help = "Which hosts" },
      },

      check = function(_, args)
        return { room = SAMPLE.room { on = args.on } }
      end,

      run = function(job, args, found)
        job:ensure(#found.room > 0, "no host answers")
        job:step("write the note", function()
          return fleet.put { on = args.on, path = "SAMPLE.note", content = args.text .. "\\n" }
        end)
        return { hosts = #found.room }
      end,

      verify = function(job, args, result)
        local reports = fleet.query { on = args.on, cmd = { "cat", "SAMPLE.note" } }
        job:ensure(#reports == result.hosts, "a host did not answer")
        for _, report in ipairs(reports) do
          job:ensure((report.output or ""):find(args.text, 1, true), report.host .. " has another note")
        end
      end,
    }

    """
}
