--- Runs a command on hosts as a recorded run: a few hosts at a time, stopped when too many fail.
---
---     opsh --dry-run runbooks/exec.lua on=all cmd='systemctl --user daemon-reload'
---     opsh runbooks/exec.lua on='web[1-20]' cmd='./rotate-keys' window=2 budget=1
---     opsh runbooks/exec.lua on=all cmd='df -h /' safe=true

local rollout = require "opsh.rollout"

return {
  version = "1.3.1",
  summary = "Runs a command on hosts, recorded: a few at a time, stopped when too many fail",
  owner = "operations",
  updated = "2026-11-21",
  review_after = 180,
  refs = { "docs/runbooks.md" },
  requires = { opsh = ">=0.1" },
  params = {
    { "on", type = "hosts", completion = "selectors",
      help = "Which hosts: a target or any selector" },
    { "cmd", type = "string", help = "A shell line" },
    { "safe", type = "boolean", default = false,
      help = "The command only reads: dry runs run it too" },
    { "window", type = "integer", default = 5, min = 1, help = "Hosts in flight at once" },
    { "budget", type = "integer", default = 0, min = 0,
      help = "Hosts that may fail before it stops" },
    { "timeout", type = "duration", default = 60, min = 1,
      help = "How long to wait for each host" },
  },
  effects = { "changes" },
  lock = "host/{on}",
  confirm = rollout.confirm,
  -- What a command does is not known in advance.
  exactness = 0,

  check = function(_, args)
    return { hosts = fleet.target { target = args.on }.hosts }
  end,

  run = function(job, args, found)
    local done = rollout.each(job, "hosts", found.hosts, args, function(host)
      local reports = fleet.exec {
        on = host, cmd = args.cmd, timeout = args.timeout, safe = args.safe,
      }
      if is_unknown(reports) then return nil end
      return reports[1]
    end)
    if not done then return end
    local reports = {}
    for _, host in ipairs(found.hosts) do reports[#reports + 1] = done.results[host] end
    if #reports > 0 then fleet.show(reports) end
    return rollout.classes(done)
  end,
}
