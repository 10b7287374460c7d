--- Leaves a note on every host that has bots, once nothing is wrong with them.
---
---     opsh -e 'runbook.run<name="lab/handover", arguments={ text="upgraded by hand" }>'

-- luacheck: read_globals lab

return {
  version = "1.0.0",
  summary = "Leaves a note on hosts for the next shift, once their bots are well",
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
    return { bots = lab.bots { on = args.on } }
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
