--- Shared parts of runbooks that change hosts a few at a time: survey, checks, gates and reports.
---
---     local rollout = require "opsh.rollout"
---     confirm = rollout.confirm,
---     check = function(job, args) return rollout.survey(job, args.target) end,
---     run = function(job, args, found)
---       local done = rollout.each(job, "restart", found.hosts, args, function(host)
---         return #fleet.restart { on = found.bots_on[host] }
---       end)
---       return done and rollout.classes(done)
---     end,

local rollout = {}

--- For `confirm`, if `check` returns the hosts it changes as `hosts`: their number must be typed.
rollout.confirm = { type = "count", value = function(plan) return #plan.check.hosts end }

--- Raises an error that has a code; the hint says what to type next.
---@param code string
---@param message string
---@param hint? string
function rollout.fail(code, message, hint)
  error { code = code, message = message, hint = hint }
end

--- A list of names, folded: `web[1-3]`.
---@param names string[]
---@return string
function rollout.folded(names) return tostring(set(names)) end

--- The names in one list that are not in another.
---@param names string[]
---@param others string[]
---@return string[]
function rollout.without(names, others)
  local known, rest = {}, {}
  for _, name in ipairs(others) do known[name] = true end
  for _, name in ipairs(names) do
    if not known[name] then rest[#rest + 1] = name end
  end
  return rest
end

--- The bots of these hosts in one list.
---@param hosts string[]
---@param bots_on table<string, string[]>
---@return string[]
function rollout.bots(hosts, bots_on)
  local bots = {}
  for _, host in ipairs(hosts) do table.move(bots_on[host], 1, #bots_on[host], #bots + 1, bots) end
  return bots
end

--- The hosts of a target that have bots, and the bots of each; fails if there are none.
---@param job table
---@param selector string
---@return { hosts: string[], bots: string[], bots_on: table<string, string[]>, live: string[] }
function rollout.survey(job, selector)
  local target = fleet.target { target = selector }
  local hosts = {}
  for _, host in ipairs(target.hosts) do
    if target.bots_on[host] then hosts[#hosts + 1] = host end
  end
  job:ensure(#hosts > 0, ("no bot runs on %s"):format(selector))
  return { hosts = hosts, bots = target.bots, bots_on = target.bots_on, live = target.live or {} }
end

--- What of a survey is started or restarted: without the live bots that the selector does not name.
---@param job table
---@param found table
---@return table
function rollout.startable(job, found)
  if #found.live == 0 then return found end
  local hosts, bots_on = {}, {}
  for _, host in ipairs(found.hosts) do
    local bots = rollout.without(found.bots_on[host], found.live)
    if #bots > 0 then
      hosts[#hosts + 1], bots_on[host] = host, bots
    end
  end
  local live = rollout.folded(found.live)
  job:ensure(#hosts > 0, ("only live bots are selected; name each: %s"):format(live))
  job:note(("left out, because live bots must be named: %s"):format(live))
  local bots = rollout.without(found.bots, found.live)
  return { hosts = hosts, bots = bots, bots_on = bots_on, live = found.live }
end

--- Refuses speed=immediate without a reason.
---@param job table
---@param args { speed?: string, reason?: string }
function rollout.ensure_reason(job, args)
  if args.speed ~= "immediate" then return end
  job:ensure(args.reason, "speed=immediate restarts everything at once and needs a reason=…")
end

--- Works on hosts, `args.window` at once, until more than `args.budget` of them have failed.
---@param job table
---@param name string
---@param hosts string[]
---@param args { window: integer, budget: integer }
---@param work fun(host: string): any
---@return table?
function rollout.each(job, name, hosts, args, work)
  return job:each(hosts, { name = name, window = args.window, budget = args.budget }, work)
end

--- The non-empty classes of what `rollout.each` returned, folded.
---@param done table
---@return table<string, string>
function rollout.classes(done)
  local classes = {}
  local all = { "ok", "failed", "unhealthy", "unreachable", "unknown", "skipped", "excluded" }
  for _, class in ipairs(all) do
    if done[class] and #done[class] > 0 then classes[class] = rollout.folded(done[class]) end
  end
  return classes
end

--- The gate for bots: raises `rollout.unwell` for the first that is not running or not logged in.
---@param bots string[]
---@return boolean
function rollout.well(bots)
  for _, bot in ipairs(fleet.status { on = bots }) do
    if bot.state ~= "running" then
      rollout.fail("rollout.unwell", ("%s is %s"):format(bot.bot, bot.state))
    elseif bot.login ~= "yes" then
      rollout.fail("rollout.unwell", ("%s is running, login %s"):format(bot.bot, bot.login))
    end
  end
  return true
end

--- Waits up to `args.wait` until the bots are healthy and stay so for `args.settle`.
---@param job table
---@param what string
---@param bots string[]
---@param args { wait: number, settle: number }
function rollout.wait(job, what, bots, args)
  if #bots == 0 then return end
  local options = { name = "wait for " .. what, settle = args.settle }
  job:wait(what .. " to be well", args.wait, function() return rollout.well(bots) end, options)
end

--- Ensures that a later `fleet.verify` finds no bot worse than the report of the deploy said.
---@param job table
---@param report { verification: table }
---@param seen table
function rollout.ensure_kept(job, report, seen)
  for _, class in ipairs { "stale", "down", "unknown" } do
    local lost = rollout.without(seen[class], report.verification[class])
    job:ensure(#lost == 0, ("%s since the deploy ended: %s"):format(class, rollout.folded(lost)))
  end
end

return rollout
