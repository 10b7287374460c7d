--- Starts the data source, then paper trader and dashboard, each once what it needs is ready.
---
---     opsh -e 'runbook.run<name="aiquant/start-all">'
---     opsh -e 'runbook.run<name="aiquant/start-all", arguments={ live=true }>'
return {
  version = "1.0.0",
  summary = "Starts the units of aiquant in their order; the live trader only when told to",
  owner = "trading",
  updated = "2026-11-29",
  review_after = 180,
  refs = { "docs/systemd.md" },
  params = {
    { "system", type = "system", default = "aiquant", help = "Which system" },
    { "live", type = "boolean", default = false, help = "Start the live trader, too" },
  },
  effects = { "changes" },
  lock = "system/{system}",

  check = function(_, args)
    local chosen = args.system.bots
    if not args.live then chosen = chosen - args.system.kinds.live end
    return { bots = tostring(chosen), needed = tostring(chosen - args.system.roles.monitor) }
  end,

  run = function(job, _, found)
    job:step("start", function() return #fleet.start { on = set(found.bots) } end)
    return found
  end,

  verify = function(job, _, done)
    for _, bot in ipairs(fleet.status { on = set(done.needed) }) do
      job:ensure(bot.state == "running", ("%s is %s: %s"):format(bot.bot, bot.state, bot.note))
    end
  end,
}
