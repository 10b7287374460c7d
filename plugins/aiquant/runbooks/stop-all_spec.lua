-- Everything is stopped, and what still runs fails it.

local PREFIX = "openclaw-ai-quant-"
local site = {
  hosts = { {
    name = "quant01",
    bots = "openclaw-ai-quant-ws-sidecar,openclaw-ai-quant-trader,"
      .. "openclaw-ai-quant-live,openclaw-ai-quant-monitor",
  } },
  systems = { aiquant = { plugin = "aiquant", on = "quant01", prefix = PREFIX } },
}

local function all(state)
  return function(args)
    local found = {}
    for name in tostring(args.on):gmatch "[^,]+" do
      found[#found + 1] = { bot = name, host = "quant01", state = state, note = "" }
    end
    return found
  end
end

return {
  {
    name = "all are down",
    site = site,
    answers = { ["fleet.status"] = all "down", ["fleet.stop"] = {} },
    steps = { "stop: ok" },
    state = "ok",
  },
  {
    name = "one that nobody can see is not down",
    site = site,
    answers = { ["fleet.status"] = all "unreachable", ["fleet.stop"] = {} },
    error = { message = "is unreachable" },
  },
}
