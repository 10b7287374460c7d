-- What runbooks/rollback.lua does.

local v1, v2, v3 = "sha256:1111", "sha256:2222", "sha256:3333"
local names = { [v1] = "v1", [v2] = "v2", [v3] = "v3" }
local hosts = { "web1", "web2", "web3" }
local target = { hosts = hosts, bots = { "bot1", "bot2", "bot3" },
  bots_on = { web1 = { "bot1" }, web2 = { "bot2" }, web3 = { "bot3" } } }

-- What lies on the hosts: for each its digests, the one that runs first.
local function images(...)
  local records = {}
  for position, kept in ipairs { ... } do
    for rank, digest in ipairs(kept) do
      records[#records + 1] = { host = hosts[position], digest = digest, image = names[digest], rank = rank,
        state = rank == 1 and "current" or "kept" }
    end
  end
  return records
end

local function status(...)
  local records = {}
  for position, digest in ipairs { ... } do
    records[position] = { bot = "bot" .. position, host = hosts[position], digest = digest:gsub("!", ""),
      state = digest:find "!" and "crashed" or "running", login = "yes" }
  end
  return records
end

local classes = { stale = {}, down = {}, unknown = {} }

local function world(changes)
  local answers = {
    ["fleet.target"] = target, ["fleet.images"] = images({ v2, v1 }, { v2, v1 }, { v2, v1 }),
    ["fleet.status"] = status(v2, v2, v2), ["releases.bad"] = {}, ["releases.mark"] = function() end,
    ["fleet.deploy"] = { result = "Success", verification = classes }, ["fleet.verify"] = classes,
  }
  for name, answer in pairs(changes or {}) do answers[name] = answer end
  return answers
end

local back = { "fleet.deploy", target = "all", image = v1, restores = true }

return {
  {
    name = "it goes to the image that every host ran before, and marks nothing",
    arguments = { target = "all" },
    answers = world(),
    calls = { back },
    steps = { "go back: ok" },
    state = "ok",
    notes = { "to v1 sha256:1111, which is stored on all 3 hosts", "rolling back changes 3 hosts, 3 of them healthy now" },
  },
  {
    name = "a dry run goes nowhere",
    dry = true,
    arguments = { target = "all" },
    answers = world(),
    calls = {},
    plan = { exactness = 1.0 },
  },
  {
    name = "mark=true marks what it leaves",
    arguments = { target = "all", mark = true },
    answers = world(),
    calls = { back, { "releases.mark", digest = v2, image = "v2", reason = "rolled back" } },
    steps = { "go back: ok", "mark what was left: ok" },
  },
  {
    name = "after a deploy that stopped half way it goes to what the rest still runs",
    arguments = { target = "all" },
    answers = world {
      ["fleet.images"] = images({ v2, v1 }, { v1, v3 }, { v1, v3 }), ["fleet.status"] = status(v2 .. "!", v1, v1),
    },
    calls = { back },
    notes = { "rolling back lowers the number of bad hosts" },
  },
  {
    name = "where the new version is the good one it says that going back hurts",
    dry = true,
    arguments = { target = "all" },
    answers = world {
      ["fleet.images"] = images({ v2, v1 }, { v2, v1 }, { v1, v3 }), ["fleet.status"] = status(v2, v2, v1 .. "!"),
    },
    notes = { "it risks 2 good ones; look at web3" },
  },
  {
    name = "hosts that do not agree on one image have to be told",
    arguments = { target = "all" },
    answers = world { ["fleet.images"] = images({ v2, v1 }, { v2, v3 }, { v2, v1 }) },
    calls = {},
    error = { code = "rollback.unclear", message = "no single image in common" },
  },
  {
    name = "a named image is found by name",
    arguments = { target = "all", image = "v1", mark = true, reason = "v2 is slow" },
    answers = world(),
    calls = { { "fleet.deploy", target = "all", image = v1, reason = "v2 is slow", restores = true },
      { "releases.mark", digest = v2, image = "v2", reason = "v2 is slow" } },
  },
  {
    name = "a run says what it replaced",
    arguments = { target = "all", run = "r1" },
    answers = world { ["run"] = { operations = { { previous = v1 }, {}, { previous = v1 } } } },
    calls = { back },
  },
  {
    name = "a run that replaced several images does not say where to",
    arguments = { target = "all", run = "r1" },
    answers = world { ["run"] = { operations = { { previous = v1 }, { previous = v3 } } } },
    error = { code = "rollback.unclear", message = "replaced 2 images" },
  },
  {
    name = "an image that one host lacks is refused before anything is changed",
    arguments = { target = "all", image = "v1" },
    answers = world { ["fleet.images"] = images({ v2, v1 }, { v2 }, { v2, v1 }) },
    calls = {},
    error = { code = "rollback.missing", message = "is not stored on web2" },
  },
  {
    name = "a host without bots needs no image",
    arguments = { target = "all" },
    answers = world {
      ["fleet.target"] = { hosts = hosts, bots = { "bot1", "bot2" },
        bots_on = { web1 = { "bot1" }, web2 = { "bot2" } } },
      ["fleet.images"] = images({ v2, v1 }, { v2, v1 }), ["fleet.status"] = status(v2, v2),
    },
    calls = { back },
    plan = { exactness = 1.0 },
    notes = { "which is stored on all 2 hosts" },
  },
  {
    name = "a host that does not answer is named",
    arguments = { target = "all" },
    answers = world {
      ["fleet.images"] = { { host = "web2", digest = "", image = "", state = "unreachable", note = "down" } },
    },
    error = { code = "rollback.silent", message = "web2 are unknown: down" },
  },
  {
    name = "a host that answered and cannot say what it has is no host without images",
    arguments = { target = "all" },
    answers = world {
      ["fleet.images"] = {
        { host = "web2", digest = "", image = "", state = "unknown", note = "the script is another" },
      },
    },
    error = { code = "rollback.silent", message = "web2 are unknown: the script is another" },
  },
  {
    name = "a release that is marked bad is not offered",
    arguments = { target = "all" },
    answers = world { ["releases.bad"] = { { digest = v1, image = "v1", reason = "it loses orders" } } },
    calls = {},
    error = { code = "rollback.bad_release", message = "it loses orders" },
  },
  {
    name = "image and run together are one too many",
    arguments = { target = "all", image = "v1", run = "r1" },
    answers = world(),
    error = { code = "job.ensure", message = "give one" },
  },
  {
    name = "a deploy back that does not end leaves no mark",
    arguments = { target = "all", mark = true },
    answers = world {
      ["fleet.deploy"] = function(_, _, planned)
        if planned then return { verification = classes } end
        error { code = "rollout.halted", class = "failed", mark = "halted", exit_code = 2, message = "stopped" }
      end,
    },
    calls = { back },
    steps = { "go back: open" },
    state = "halted",
    error = { code = "rollout.halted", message = "stopped" },
  },
}
