-- What the checks conclude from the states and logs of the units.

local PREFIX = "openclaw-ai-quant-"
local site = {
  hosts = { {
    name = "quant01",
    bots = "openclaw-ai-quant-ws-sidecar,openclaw-ai-quant-trader,"
      .. "openclaw-ai-quant-live,openclaw-ai-quant-monitor",
  } },
  systems = { aiquant = { plugin = "aiquant", on = "quant01", prefix = PREFIX } },
}

-- The answers of fleet.status to any question about the units, from the states of kinds.
local function states(kinds)
  return function(args)
    local found = {}
    for name in tostring(args.on):gmatch "[^,]+" do
      local state = kinds[name:sub(#PREFIX + 1)] or "running"
      found[#found + 1] = { bot = name, host = "quant01", state = state, note = "" }
    end
    return found
  end
end

local function blind(name, kinds, finding)
  return {
    name = name, site = site, check = "aiquant.blind", finding = finding,
    answers = { ["fleet.status"] = states(kinds) },
  }
end

local function lines(name, check, kinds, report, finding)
  return {
    name = name, site = site, check = check, finding = finding,
    answers = {
      ["fleet.status"] = states(kinds),
      ["fleet.query"] = function() return { report } end,
    },
  }
end

return {
  blind("traders with their data", {}, { level = "OK", value = 0 }),
  blind("traders whose data source died", { ["ws-sidecar"] = "crashed" },
    { level = "BAD", value = 2 }),
  blind("nobody trades without data",
    { ["ws-sidecar"] = "down", trader = "down", live = "down" }, { level = "OK", value = 0 }),
  blind("a data source that nobody can see", { ["ws-sidecar"] = "unreachable" },
    { level = "UNKNOWN" }),
  lines("a quiet data source", "aiquant.sidecar_errors", {},
    { host = "quant01", ok = true, output = "3\n" }, { level = "OK", value = 3 }),
  lines("a data source that reconnects all the time", "aiquant.sidecar_errors", {},
    { host = "quant01", ok = true, output = "400\n" }, { level = "BAD", value = 400 }),
  lines("a journal that cannot be read is no quiet one", "aiquant.sidecar_errors", {},
    { host = "quant01", ok = false, error_output = "the journal cannot be read" },
    { level = "UNKNOWN" }),
  lines("nobody trades", "aiquant.trader_errors", { trader = "down", live = "down" },
    { host = "quant01", ok = true, output = "9\n" }, { level = "OK", value = 0 }),
}
