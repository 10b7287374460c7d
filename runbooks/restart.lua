--- Restarts bots in the order of their hosts: a layer begins when the one before it is well.
---
---     opsh --dry-run runbooks/restart.lua target=all
---     opsh runbooks/restart.lua target=@front window=5 budget=1

-- The process of each bot before anything was done, by name; a resume has it from the journal.
local before = {}

--- What is wrong with one bot in a few words; nil when it runs and is logged in.
local function trouble(bot)
  if bot.state ~= "running" then return ("%s is %s"):format(bot.bot, bot.state) end
  if bot.login ~= "yes" then return ("%s runs, login %s"):format(bot.bot, bot.login) end
end

--- Raises what is wrong with the first of these bots that is not well.
local function look(bots)
  for _, bot in ipairs(fleet.status { on = bots }) do
    local words = trouble(bot)
    if words then error { code = "restart.unwell", message = words } end
  end
  return true
end

--- The process of each bot, by name.
local function processes(bots)
  local pids = {}
  for _, bot in ipairs(fleet.status { on = bots }) do pids[bot.bot] = bot.pid end
  return pids
end

--- The bots of these hosts, in one list.
local function together(hosts, bots_on)
  local bots = {}
  for _, host in ipairs(hosts) do table.move(bots_on[host], 1, #bots_on[host], #bots + 1, bots) end
  return bots
end

return {
  version = "1.1.0",
  summary = "Restarts bots in the order of their hosts and waits until each layer is well",
  owner = "operations",
  updated = "2026-11-21",
  review_after = 180,
  refs = { "docs/runbooks.md" },
  requires = { opsh = ">=0.1" },
  params = {
    { "target", type = "hosts", completion = "selectors", help = "all, staging, or any selector" },
    { "window", type = "integer", default = 5, min = 1, help = "Hosts at once in a layer" },
    { "budget", type = "integer", default = 0, min = 0, help = "Hosts of a layer that may fail" },
    { "grace", type = "duration", default = 35, min = 0,
      help = "How long a bot has to stop by itself" },
    { "wait", type = "duration", default = 120, min = 1,
      help = "How long a layer has to get well" },
    { "settle", type = "duration", default = 2, min = 0, help = "How long it must stay well" },
  },
  effects = { "changes" },
  lock = "host/{target}",
  confirm = { type = "count", value = function(plan) return #plan.check.hosts end },
  exactness = 1.0,

  check = function(job, args)
    local target = fleet.target { target = args.target }
    local hosts = {}
    for _, host in ipairs(target.hosts) do
      if target.bots_on[host] then hosts[#hosts + 1] = host end
    end
    job:ensure(#hosts > 0, ("no bot runs on %s"):format(args.target))
    return { hosts = hosts, bots_on = target.bots_on, layers = fleet.order { on = hosts } }
  end,

  run = function(job, args, found)
    local all = together(found.hosts, found.bots_on)
    before = job:step("look", function() return processes(all) end) or {}
    local restarted = {}
    for number, layer in ipairs(found.layers) do
      local care = { name = "layer " .. number, window = args.window, budget = args.budget }
      local done = job:each(layer, care, function(host)
        return #fleet.restart { on = found.bots_on[host], grace = args.grace }
      end)
      local hosts = done and done.ok or {}
      local bots = together(hosts, found.bots_on)
      if #bots > 0 then
        local well = { name = "wait for layer " .. number, settle = args.settle }
        job:wait("layer " .. number .. " to be well", args.wait, function()
          return look(bots)
        end, well)
      end
      table.move(hosts, 1, #hosts, #restarted + 1, restarted)
    end
    local bots = together(restarted, found.bots_on)
    return { restarted = tostring(set(restarted)), bots = tostring(set(bots)) }
  end,

  -- A bot is restarted when another process runs and is logged in, whatever anybody said.
  verify = function(job, _, done)
    local bots = {}
    for bot in set(done.bots) do bots[#bots + 1] = bot end
    if #bots == 0 then return end
    look(bots)
    for bot, pid in pairs(processes(bots)) do
      job:ensure(pid ~= before[bot], ("%s still runs as process %d"):format(bot, pid))
    end
  end,
}
