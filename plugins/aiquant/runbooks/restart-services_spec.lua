-- Who is restarted with the data source, and in which order.

local PREFIX = "openclaw-ai-quant-"
local site = {
  hosts = { {
    name = "quant01",
    bots = "openclaw-ai-quant-ws-sidecar,openclaw-ai-quant-trader,"
      .. "openclaw-ai-quant-live,openclaw-ai-quant-monitor",
  } },
  systems = { aiquant = { plugin = "aiquant", on = "quant01", prefix = PREFIX } },
}

-- Each look finds new processes; `live` is up or down.
local function looks(live)
  local turn = 0
  return function(args)
    turn = turn + 1
    local found = {}
    for name in tostring(args.on):gmatch "[^,]+" do
      local is_live = name == PREFIX .. "live"
      local state = is_live and live or "running"
      found[#found + 1] = { bot = name, host = "quant01", state = state, pid = turn, note = "" }
    end
    return found
  end
end

local function restarts() return { {} } end

return {
  {
    name = "without the live trader, which is down",
    site = site,
    answers = { ["fleet.status"] = looks "down", ["fleet.restart"] = restarts },
    steps = { "look: ok", "restart: ok", "dashboard: ok" },
    state = "ok",
  },
  {
    name = "a live trader that runs must be said",
    site = site,
    answers = { ["fleet.status"] = looks "running", ["fleet.restart"] = restarts },
    error = { code = "aiquant.live_runs", message = "openclaw-ai-quant-live is running" },
  },
  {
    name = "and is restarted, too, where it was said",
    site = site,
    arguments = { live = true },
    answers = { ["fleet.status"] = looks "running", ["fleet.restart"] = restarts },
    steps = { "look: ok", "restart: ok", "dashboard: ok" },
    state = "ok",
  },
}
