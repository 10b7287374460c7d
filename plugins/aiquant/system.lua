-- Named as in the site with `prefix = "openclaw-ai-quant-"`.
return {
  bots = {
    ["ws-sidecar"] = {
      role = "data", unit = "%b.service",
      ready = { log = { has = "websocket connected" }, within = "30s" },
    },
    trader = {
      role = "trader", unit = "%b.service", needs = { "ws-sidecar" },
      ready = { log = { has = "config loaded" }, within = "60s" },
    },
    live = {
      role = "trader", live = true, unit = "%b.service", needs = { "ws-sidecar" },
      ready = { log = { has = "config loaded" }, within = "60s" },
    },
    monitor = { role = "monitor", critical = false, unit = "%b.service", needs = { "ws-sidecar" } },
  },
}
