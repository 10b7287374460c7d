--- Restarts the data source, the traders, then the dashboard, each once what it needs is ready.
---
---     opsh --dry-run -e 'runbook.run<name="aiquant/restart-services">'
---     opsh -e 'runbook.run<name="aiquant/restart-services", arguments={ live=true }>'

-- The process of each unit before anything was done; a resume has it from the journal.
local before = {}

local function processes(bots)
  local pids = {}
  for _, bot in ipairs(fleet.status { on = bots }) do pids[bot.bot] = bot.pid end
  return pids
end

return {
  version = "1.0.0",
  summary = "Restarts the units of aiquant in their order, each once what it needs is ready",
  owner = "trading",
  updated = "2026-11-29",
  review_after = 180,
  refs = { "docs/systemd.md" },
  params = {
    { "system", type = "system", default = "aiquant", help = "Which system" },
    { "live", type = "boolean", default = false,
      help = "Restart the live trader, too; needed while it runs, for it goes down with its data" },
    { "grace", type = "duration", default = 35, min = 0, help = "How long a unit gets to stop" },
  },
  effects = { "changes" },
  lock = "system/{system}",

  check = function(_, args)
    local live, chosen = args.system.kinds.live, args.system.bots
    if not args.live then
      for _, bot in ipairs(fleet.status { on = live }) do
        if bot.state ~= "down" then
          error {
            code = "aiquant.live_runs",
            message = ("%s is %s, and a restart of its data source takes it down")
              :format(bot.bot, bot.state),
            hint = "say live=true to restart it, too, or stop it first",
          }
        end
      end
      chosen = chosen - live
    end
    return { bots = tostring(chosen - args.system.roles.monitor) }
  end,

  run = function(job, args, found)
    before = job:step("look", function() return processes(set(found.bots)) end) or {}
    job:step("restart", function()
      return #fleet.restart { on = set(found.bots), ordered = true, grace = args.grace }
    end)
    -- Its failure is reported and fails nothing: critical = false.
    job:step("dashboard", function()
      return #fleet.restart { on = args.system.roles.monitor, grace = args.grace }
    end)
    return { bots = found.bots }
  end,

  verify = function(job, _, done)
    for _, bot in ipairs(fleet.status { on = set(done.bots) }) do
      job:ensure(bot.state == "running", ("%s is %s: %s"):format(bot.bot, bot.state, bot.note))
      local same = bot.pid == before[bot.bot]
      job:ensure(not same, ("%s still runs as process %s"):format(bot.bot, bot.pid))
    end
  end,
}
