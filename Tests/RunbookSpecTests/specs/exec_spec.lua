-- What runbooks/exec.lua does.

local target = { hosts = { "web1", "web2", "web3" }, bots = {}, bots_on = {} }

local function finished(host)
  return { { host = host, ok = true, state = "finished", status = 0, output = "out of " .. host .. "\n",
    error_output = "", detail = "" } }
end

-- As a call in a runbook raises that fails on a host.
local function raise(class, host, why)
  local classes = { failed = "failed", unreachable = "unavailable", unknown = "unknown_outcome" }
  error { code = "change." .. class, class = classes[class], message = ("fleet.exec: %s: %s"):format(host, why) }
end

local function shown(reports) return reports end

local function exec(host)
  return { "fleet.exec", on = host, cmd = "true", timeout = 60, safe = false }
end

return {
  {
    name = "every host runs the command",
    arguments = { on = "all", cmd = "true" },
    unknown = { "fleet.exec" },
    answers = { ["fleet.target"] = target, ["fleet.show"] = shown,
      ["fleet.exec"] = function(args) return finished(args.on) end },
    calls = { exec "web1", exec "web2", exec "web3" },
    steps = { "hosts: ok", "hosts/web1: ok", "hosts/web2: ok", "hosts/web3: ok" },
    state = "ok",
    plan = { exactness = 0.0, hosts = { "web1", "web2", "web3" } },
  },
  {
    name = "a plan does not run it",
    dry = true,
    arguments = { on = "all", cmd = "true" },
    unknown = { "fleet.exec" },
    answers = { ["fleet.target"] = target, ["fleet.show"] = shown, ["fleet.exec"] = function() error "it ran" end },
    calls = {},
  },
  {
    name = "one failure stops it, and says why",
    arguments = { on = "all", cmd = "true" },
    unknown = { "fleet.exec" },
    answers = {
      ["fleet.target"] = target, ["fleet.show"] = shown,
      ["fleet.exec"] = function(args) raise("failed", args.on, "status 3: no space left") end,
    },
    calls = { exec "web1" },
    state = "halted",
    error = { code = "rollout.halted", message = "budget is 0" },
  },
  {
    name = "within the budget the others still run it",
    arguments = { on = "all", cmd = "true", budget = 1 },
    unknown = { "fleet.exec" },
    answers = {
      ["fleet.target"] = target, ["fleet.show"] = shown,
      ["fleet.exec"] = function(args)
        if args.on == "web2" then raise("failed", args.on, "status 1") end
        return finished(args.on)
      end,
    },
    calls = { exec "web1", exec "web2", exec "web3" },
    state = "partial",
    result = { ok = "web[1,3]", failed = "web2" },
  },
  {
    name = "a command that only looks is run in the plan, and changes nothing",
    arguments = { on = "all", cmd = "true", safe = true },
    answers = { ["fleet.target"] = target, ["fleet.show"] = shown,
      ["fleet.exec"] = function(args) return finished(args.on) end },
    calls = {},
    plan = { exactness = 1.0 },
  },
  {
    name = "a host that did not answer in time leaves an unknown outcome",
    arguments = { on = "web1", cmd = "true", budget = 1 },
    unknown = { "fleet.exec" },
    answers = {
      ["fleet.target"] = { hosts = { "web1" } }, ["fleet.show"] = shown,
      ["fleet.exec"] = function(args) raise("unknown", args.on, "timed out: after 60 s") end,
    },
    result = { unknown = "web1" },
  },
}
