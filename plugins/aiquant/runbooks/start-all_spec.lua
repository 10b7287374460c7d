-- The live trader is started only when told to.

local PREFIX = "openclaw-ai-quant-"
local site = {
  hosts = { {
    name = "quant01",
    bots = "openclaw-ai-quant-ws-sidecar,openclaw-ai-quant-trader,"
      .. "openclaw-ai-quant-live,openclaw-ai-quant-monitor",
  } },
  systems = { aiquant = { plugin = "aiquant", on = "quant01", prefix = PREFIX } },
}

-- What was started, for the looks afterwards.
local function started(up)
  return function(args)
    local found = {}
    for name in tostring(args.on):gmatch "[^,]+" do
      local state = up and "running" or "crashed"
      found[#found + 1] = { bot = name, host = "quant01", state = state, note = "" }
    end
    return found
  end
end

local function starting(live)
  return function(args)
    local names = tostring(args.on)
    assert((names:find(PREFIX .. "live", 1, true) ~= nil) == live, names)
    return { {}, {} }
  end
end

return {
  {
    name = "all but the live trader",
    site = site,
    answers = { ["fleet.status"] = started(true), ["fleet.start"] = starting(false) },
    steps = { "start: ok" },
    state = "ok",
  },
  {
    name = "with the live trader",
    site = site,
    arguments = { live = true },
    answers = { ["fleet.status"] = started(true), ["fleet.start"] = starting(true) },
    state = "ok",
  },
  {
    name = "a trader that crashes fails it",
    site = site,
    answers = { ["fleet.status"] = started(false), ["fleet.start"] = starting(false) },
    error = { message = "is crashed" },
  },
}
