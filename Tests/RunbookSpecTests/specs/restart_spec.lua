-- What runbooks/restart.lua does.

local target = {
  hosts = { "web1", "web2", "web3" }, bots = { "bot1", "bot2", "bot3" },
  bots_on = { web1 = { "bot1" }, web2 = { "bot2" }, web3 = { "bot3" } },
}

local function status(bots, state, pids)
  local records = {}
  for position, bot in ipairs(bots) do
    records[position] = { bot = bot, host = "web" .. bot:sub(4), state = state or "running", login = "yes",
      pid = pids and pids[bot] or 100, note = "" }
  end
  return records
end

-- Processes are 100 until a bot is restarted, then 200.
local function world(changes)
  local restarted = {}
  local answers = {
    ["fleet.target"] = target,
    ["fleet.order"] = { { "web1" }, { "web2", "web3" } },
    ["fleet.restart"] = function(args, _, planned)
      if not planned then
        for _, bot in ipairs(args.on) do restarted[bot] = 200 end
      end
      return status(args.on, "running", restarted)
    end,
    ["fleet.status"] = function(args) return status(args.on, "running", restarted) end,
  }
  for name, answer in pairs(changes or {}) do answers[name] = answer end
  return answers
end

-- As a call in a runbook raises that fails on a bot.
local function raise(bot)
  error { code = "change.failed", class = "failed", message = ("fleet.restart: %s is crashed"):format(bot) }
end

local function restart(bot)
  return { "fleet.restart", on = { bot }, grace = 35 }
end

return {
  {
    name = "a layer begins when the one before it is well",
    arguments = { target = "all" },
    answers = world(),
    calls = { restart "bot1", restart "bot2", restart "bot3" },
    state = "ok",
    result = { bots = "bot[1-3]", restarted = "web[1-3]" },
    plan = {
      exactness = 1.0,
      steps = { "look", "layer 1", "layer 1/web1", "wait for layer 1", "layer 2", "layer 2/web2", "layer 2/web3",
        "wait for layer 2" },
    },
  },
  {
    name = "a dry run restarts nothing",
    dry = true,
    arguments = { target = "all" },
    answers = world(),
    calls = {},
  },
  {
    name = "a host without bots is left out",
    arguments = { target = "all" },
    answers = world {
      ["fleet.target"] = { hosts = { "web1", "web2" }, bots_on = { web1 = { "bot1" } } },
      ["fleet.order"] = function(args)
        assert(#args.on == 1 and args.on[1] == "web1")
        return { { "web1" } }
      end,
    },
    calls = { restart "bot1" },
  },
  {
    name = "where no bot runs there is nothing to restart",
    arguments = { target = "web3" },
    answers = world { ["fleet.target"] = { hosts = { "web3" }, bots_on = {} } },
    calls = {},
    error = { code = "job.ensure", message = "no bot runs on web3" },
  },
  {
    name = "a bot that stays down stops the layers after it",
    arguments = { target = "all" },
    answers = world {
      ["fleet.restart"] = function(args, _, planned)
        return planned and status(args.on) or raise(args.on[1])
      end,
    },
    calls = { restart "bot1" },
    state = "halted",
    error = { code = "rollout.halted", message = "budget is 0" },
  },
  {
    name = "within the budget the rest goes on",
    arguments = { target = "all", budget = 1 },
    answers = world {
      ["fleet.restart"] = function(args, _, planned)
        if not planned and args.on[1] == "bot2" then raise "bot2" end
        return status(args.on, "running", { bot1 = 200, bot3 = 200 })
      end,
      ["fleet.status"] = function(args, count)
        return status(args.on, "running", count > 1 and { bot1 = 200, bot3 = 200 } or nil)
      end,
    },
    calls = { restart "bot1", restart "bot2", restart "bot3" },
    result = { restarted = "web[1,3]" },
  },
  {
    name = "a layer that does not get well in time stops the run",
    arguments = { target = "all", wait = 10 },
    answers = world {
      ["fleet.status"] = function(args)
        local records = status(args.on)
        for _, record in ipairs(records) do record.login = "waiting" end
        return records
      end,
    },
    calls = { restart "bot1" },
    error = { code = "job.deadline", message = "bot1 is running, login waiting" },
  },
  {
    name = "a process that is the old one is no restart",
    arguments = { target = "all" },
    answers = world { ["fleet.status"] = function(args) return status(args.on) end },
    error = { code = "job.ensure", message = "still runs as process 100" },
  },
}
