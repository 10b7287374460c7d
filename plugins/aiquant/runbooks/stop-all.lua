--- Stops the traders and the dashboard, then the data source.
---
---     opsh -e 'runbook.run<name="aiquant/stop-all">'
---
--- In an emergency use `opsh stop`, which waits for nothing. Stopping cancels no orders.
return {
  version = "1.0.0",
  summary = "Stops the units of aiquant: whoever needs the data first, the data source last",
  owner = "trading",
  updated = "2026-11-29",
  review_after = 180,
  refs = { "docs/systemd.md", "docs/stopping.md" },
  params = {
    { "system", type = "system", default = "aiquant", help = "Which system" },
    { "grace", type = "duration", default = 35, min = 0, help = "How long a unit gets to stop" },
  },
  effects = { "changes" },
  lock = "system/{system}",

  run = function(job, args)
    job:step("stop", function()
      return #fleet.stop { on = args.system.bots, grace = args.grace, reason = "stop-all" }
    end)
    return { bots = tostring(args.system.bots) }
  end,

  verify = function(job, _, done)
    for _, bot in ipairs(fleet.status { on = set(done.bots) }) do
      job:ensure(bot.state == "down", ("%s is %s: %s"):format(bot.bot, bot.state, bot.note))
    end
  end,
}
