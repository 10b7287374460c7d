--- Leaves a note on every host, once the bots run.
---
---     opsh -e 'runbook.run<name="lab/handover", arguments={ text="upgraded by hand" }>'

-- luacheck: read_globals lab

return {
  version = "1.1.0",
  summary = "Leaves a note on hosts for the next shift, once their bots run",
  owner = "trading",
  updated = "2026-11-29",
  review_after = 180,
  params = {
    { "text", pattern = "[ -~]+", help = "What the note says" },
    { "on", type = "hosts", default = "*", completion = "selectors", help = "Which hosts" },
  },
  effects = { "changes" },
  lock = "host/{on}",

  check = function(_, args)
    local bots, silent = lab.bots { on = args.on }, {}
    for _, bot in ipairs(bots) do
      if not bot.alive then silent[#silent + 1] = bot.bot end
    end
    if #silent > 0 then
      local message = "without a recent heartbeat: " .. table.concat(silent, ", ")
      error { code = "lab.silent", message = message }
    end
    return { bots = bots }
  end,

  run = function(job, args)
    job:step("note", function() return lab.note { text = args.text, on = args.on } end)
  end,

  verify = function(job, args)
    for _, report in ipairs(fleet.query { on = args.on, cmd = "cat NOTE" }) do
      job:ensure(report.output == args.text .. "\n", report.host .. " has another note")
    end
  end,
}
