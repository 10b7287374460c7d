--- Runs a command on hosts as a run: written down, a few at a time, and stopped when too many fail.
---
---     opsh --dry-run runbooks/exec.lua on=all cmd='systemctl --user daemon-reload'
---     opsh runbooks/exec.lua on='web[1-20]' cmd='./rotate-keys' window=2 budget=1
---     opsh runbooks/exec.lua on=all cmd='df -h /' safe=true

--- Shows equal answers once; answers the hosts by class, folded.
local function tell(hosts, done)
  local reports, classes = {}, {}
  for _, host in ipairs(hosts) do reports[#reports + 1] = done.results[host] end
  if #reports > 0 then fleet.show(reports) end
  for _, class in ipairs { "ok", "failed", "unreachable", "unknown", "skipped", "excluded" } do
    if done[class] then classes[class] = tostring(set(done[class])) end
  end
  return classes
end

return {
  version = "1.2.0",
  summary = "Runs a command on hosts: written down, a few at a time, stopped when too many fail",
  owner = "operations",
  updated = "2026-11-21",
  review_after = 180,
  refs = { "docs/runbooks.md" },
  requires = { opsh = ">=0.1" },
  params = {
    { "on", type = "hosts", completion = "selectors",
      help = "Which hosts: a target or any selector" },
    { "cmd", type = "string", help = "A shell line" },
    { "safe", type = "boolean", default = false, help = "It only looks: a dry run runs it too" },
    { "window", type = "integer", default = 5, min = 1, help = "Hosts at once" },
    { "budget", type = "integer", default = 0, min = 0, help = "Hosts on which it may fail" },
    { "timeout", type = "duration", default = 60, min = 1, help = "Longest wait for a host" },
  },
  effects = { "changes" },
  lock = "host/{on}",
  confirm = { type = "count", value = function(plan) return #plan.check.hosts end },
  -- What a command does is not known beforehand.
  exactness = 0,

  check = function(_, args)
    return { hosts = fleet.target { target = args.on }.hosts }
  end,

  run = function(job, args, found)
    local care = { name = "hosts", window = args.window, budget = args.budget }
    local done = job:each(found.hosts, care, function(host)
      local reports = fleet.exec {
        on = host, cmd = args.cmd, timeout = args.timeout, safe = args.safe,
      }
      if is_unknown(reports) then return nil end
      return reports[1]
    end)
    return done and tell(found.hosts, done)
  end,
}
