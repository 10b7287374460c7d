-- The bots of the lab: the first has prices for all others, and serves them on a port of its host.
return {
  bots = {
    bot1 = { role = "feed", ready = { port = 7180, within = "20s" } },
    ["bot*"] = {
      role = "trader", needs = { "bot1" },
      ready = { log = { has = "starts, version" }, within = "20s" },
    },
  },
}
