-- What runbooks/deploy.lua does.

local hosts = { "web1", "web2", "web3" }

local function planned(changes)
  local plan = {
    target = "all", hosts = hosts, bots = { "bot1", "bot2", "bot3" }, image = "v2", digest = "sha256:22",
    speed = "routine", now = { v1 = { "bot1", "bot2", "bot3" } }, already_there = {}, known_down = {},
  }
  for name, value in pairs(changes or {}) do plan[name] = value end
  return plan
end

local function classes(stale, down, unknown)
  return { stale = stale or {}, down = down or {}, unknown = unknown or {}, total = 3 }
end

local function report(verification)
  return { run = "r", result = "Success", hosts = 3, errors = 0, verification = verification or classes() }
end

local well = {
  ["fleet.plan"] = planned(), ["fleet.drift"] = {}, ["fleet.deploy"] = report(), ["fleet.verify"] = classes(),
}

local function answers(changes)
  local all = {}
  for name, answer in pairs(well) do all[name] = answer end
  for name, answer in pairs(changes) do all[name] = answer end
  return all
end

return {
  {
    name = "a deploy is one step, and its verification a look of its own",
    arguments = { target = "all", image = "v2" },
    answers = well,
    calls = { { "fleet.deploy", target = "all", image = "v2" } },
    steps = { "roll out: ok" },
    state = "ok",
    result = { result = "Success" },
    plan = { hosts = hosts, exactness = 1.0, steps = { "roll out" } },
  },
  {
    name = "a dry run changes nothing",
    dry = true,
    arguments = { target = "all" },
    answers = well,
    calls = {},
    plan = { exactness = 1.0 },
  },
  {
    name = "every parameter reaches the deploy",
    arguments = { target = "all", speed = "fast", settle = "2m", reason = "tick 7" },
    answers = well,
    calls = { { "fleet.deploy", target = "all", speed = "fast", settle = 120, reason = "tick 7" } },
  },
  {
    name = "one bot is named by its number, and its host is locked",
    arguments = { target = "bot", bot = 2 },
    answers = answers {
      ["fleet.plan"] = planned { hosts = { "web2" } },
      ["fleet.verify"] = function(args)
        assert(args.target == "bot2", args.target)
        return classes()
      end,
    },
    calls = { { "fleet.deploy", target = "bot", bot = "bot2" } },
    plan = { locks = { "host/web2" } },
    state = "ok",
  },
  {
    name = "the number of hosts is typed before anything is changed",
    typed = { "3" },
    arguments = { target = "all" },
    answers = well,
    state = "ok",
  },
  {
    name = "another number changes nothing",
    typed = { "2" },
    arguments = { target = "all" },
    answers = well,
    calls = {},
    error = { code = "plan.declined", message = "expected 3" },
  },
  {
    name = "immediate wants a reason before it looks at anything",
    arguments = { target = "all", speed = "immediate" },
    answers = {},
    calls = {},
    error = { code = "job.ensure", message = "needs a reason" },
  },
  {
    name = "hosts that are down and scripts of strangers are in the plan",
    arguments = { target = "all" },
    answers = answers {
      ["fleet.plan"] = planned { known_down = { "web3" } },
      ["fleet.drift"] = { { host = "web1", state = "current" }, { host = "web2", state = "changed" } },
    },
    notes = { "left out, not reachable: web3", "reinstalled on web2" },
  },
  {
    name = "a deploy that stops half way ends the run",
    arguments = { target = "all" },
    answers = answers {
      ["fleet.deploy"] = function(_, _, dry)
        if dry then return report() end
        error { code = "rollout.halted", class = "failed", mark = "halted", exit_code = 2, message = "the deploy stopped after 1 of 3 hosts" }
      end,
    },
    steps = { "roll out: open" },
    state = "halted",
    error = { code = "rollout.halted", message = "1 of 3" },
  },
  {
    name = "the operator tries again",
    typed = { "3", "retry" },
    arguments = { target = "all" },
    answers = answers {
      ["fleet.deploy"] = function(_, count, dry)
        if dry or count > 1 then return report() end
        error { code = "rollout.halted", class = "failed", mark = "halted", exit_code = 2, message = "one host was slow" }
      end,
    },
    calls = { { "fleet.deploy", target = "all" }, { "fleet.deploy", target = "all" } },
    steps = { "roll out: ok" },
    state = "ok",
  },
  {
    name = "a step that the operator leaves out is not verified",
    typed = { "3", "skip" },
    arguments = { target = "all" },
    answers = answers {
      ["fleet.deploy"] = function(_, _, dry)
        if dry then return report() end
        error { code = "rollout.halted", class = "failed", mark = "halted", exit_code = 2, message = "one host was slow" }
      end,
    },
    steps = { "roll out: skipped" },
    state = "partial",
  },
  {
    name = "a bot that went down after the deploy is found",
    arguments = { target = "all" },
    answers = answers { ["fleet.verify"] = classes(nil, { "bot2" }) },
    steps = { "roll out: ok" },
    error = { code = "job.ensure", message = "down since the deploy ended: bot2" },
  },
  {
    name = "what the deploy itself reported is not a surprise",
    arguments = { target = "all" },
    answers = answers {
      ["fleet.deploy"] = report(classes({ "bot3" })), ["fleet.verify"] = classes({ "bot3" }),
    },
    state = "ok",
  },
}
