--- Restarts bots in the order of their hosts: a layer starts when the one before it is healthy.
---
---     opsh --dry-run runbooks/restart.lua target=all
---     opsh runbooks/restart.lua target=@front window=5 budget=1

local rollout = require "opsh.rollout"

-- The process of each bot before anything was done, by name; a resume has it from the journal.
local before = {}

--- The process of each bot, by name.
local function processes(bots)
  local pids = {}
  for _, bot in ipairs(fleet.status { on = bots }) do pids[bot.bot] = bot.pid end
  return pids
end

return {
  version = "1.3.0",
  summary = "Restarts bots in the order of their hosts and waits until each layer is healthy",
  owner = "operations",
  updated = "2026-11-21",
  review_after = 180,
  refs = { "docs/runbooks.md" },
  requires = { opsh = ">=0.1" },
  params = {
    { "target", type = "hosts", completion = "selectors", help = "all, staging, or any selector" },
    { "window", type = "integer", default = 5, min = 1,
      help = "Hosts of a layer in flight at once" },
    { "budget", type = "integer", default = 0, min = 0,
      help = "Hosts of a layer that may fail before it stops" },
    { "grace", type = "duration", default = 35, min = 0,
      help = "How long a bot gets to stop on its own" },
    { "wait", type = "duration", default = 120, min = 1,
      help = "How long to wait for a layer to become healthy" },
    { "settle", type = "duration", default = 2, min = 0, help = "How long it must stay healthy" },
  },
  effects = { "changes" },
  lock = "host/{target}",
  confirm = rollout.confirm,
  exactness = 1.0,

  check = function(job, args)
    local found = rollout.startable(job, rollout.survey(job, args.target))
    found.layers = fleet.order { on = found.hosts }
    return found
  end,

  run = function(job, args, found)
    local all = rollout.bots(found.hosts, found.bots_on)
    before = job:step("look", function() return processes(all) end) or {}
    local restarted = {}
    for number, layer in ipairs(found.layers) do
      local name = "layer " .. number
      local done = rollout.each(job, name, layer, args, function(host)
        return #fleet.restart { on = found.bots_on[host], grace = args.grace }
      end)
      local hosts = done and done.ok or {}
      rollout.wait(job, name, rollout.bots(hosts, found.bots_on), args)
      table.move(hosts, 1, #hosts, #restarted + 1, restarted)
    end
    local bots = rollout.bots(restarted, found.bots_on)
    return { restarted = rollout.folded(restarted), bots = rollout.folded(bots) }
  end,

  -- A bot counts as restarted when a new process runs and is logged in.
  verify = function(job, _, done)
    local bots = {}
    for bot in set(done.bots) do bots[#bots + 1] = bot end
    if #bots == 0 then return end
    rollout.well(bots)
    for bot, pid in pairs(processes(bots)) do
      job:ensure(pid ~= before[bot], ("%s still runs as process %d"):format(bot, pid))
    end
  end,
}
