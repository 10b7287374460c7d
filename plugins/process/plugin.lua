return {
  id = "process", version = "1.0.1", api = 2,
  summary = "Runs bots as plain processes, one directory per version",
  capabilities = { "hosts:change" },
  config = { { "root", type = "path", default = "~/bots", help = "Where the versions live" } },
  provides = { runtimes = { "process" } },
}
