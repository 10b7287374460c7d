return {
  id = "process", version = "1.0.0", api = 1,
  summary = "Runs bots as plain processes, one directory per version",
  capabilities = { "host:script" },
  config = { { "root", type = "path", default = "~/bots", help = "Where the versions live" } },
  provides = { runtimes = { "process" } },
}
