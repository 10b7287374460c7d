-- The site for the checks: name, hosts and images of the production fleet, and the values that dry runs
-- use. It has nothing CI does not need: no keys, no journal, no approvals.
return {
  name = "tokyo",
  user = "trader",
  runtime = "process",
  runtimes = { process = { root = "~/bots" } },
  hosts = {
    {
      name = "web[001-006]",
      address = "10.0.1.[1-6]",
      bots = "bot[1-18]",
      groups = { "production" },
    },
  },
  targets = { all = "@production" },
  images = {
    v2 = {
      digest = "sha256:0e19a2e50cb257081987a0f725f6cabd6d291255e31e6d9ad2f1c191f0cc9bfe",
      source = "https://images.example.net/bot-v2.tar.gz",
    },
  },
  default_image = "v2",

  dry_run = {
    recording = "recording",
    arguments = {
      deploy = { target = "all", speed = "routine" },
      exec = { on = "all", cmd = "uptime" },
      restart = { target = "all" },
      rollback = { target = "all" },
    },
  },
}
