-- The four units of openclaw-ai-quant: data, paper trader, live trader, dashboard.
return {
  id = "aiquant", version = "1.0.0", api = 2,
  summary = "Operates openclaw-ai-quant: its units, their order and their health",
  capabilities = { "hosts:read", "hosts:change" },
  provides = {
    primitives = {
      { name = "units", summary = "Shows the units of the system", effect = "reads",
        returns = "One record per unit: bot, host, role, state and note",
        examples = { { "aiquant.units()", "the four units" } } },
    },
    checks = {
      { name = "down", summary = "Units that must run and do not", unit = "units",
        owner = "trading", ok = { equals = 0 }, bad = { from = 1 } },
      { name = "blind", summary = "Traders that run although their data source does not",
        unit = "traders", owner = "trading", ok = { equals = 0 }, bad = { from = 1 } },
      { name = "sidecar_errors", unit = "lines an hour", owner = "trading",
        summary = "Errors, disconnects and reconnects in the log of the data source",
        ok = { to = 10 }, bad = { above = 60 } },
      { name = "trader_errors", unit = "lines", owner = "trading",
        summary = "Errors and exceptions in the logs of running traders, last minute",
        ok = { equals = 0 }, bad = { from = 5 } },
    },
    runbooks = { "restart-services", "stop-all", "start-all" },
  },
}
