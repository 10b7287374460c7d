return {
  id = "systemd", version = "1.0.0", api = 2,
  summary = "Runs bots as systemd units, one directory per version",
  capabilities = { "hosts:change" },
  config = {
    { "root", type = "path", default = "~/bots", help = "Where the versions live" },
    { "scope", type = "text", default = "user", help = "Whose units they are: user or system" },
    { "units", type = "path", default = "", help = "Where unit files lie, if not as usual" },
    { "unit", type = "text", default = "", help = "Lines for the unit files that opsh writes" },
    { "limit", type = "integer", default = 5, help = "Seconds systemctl may take" },
    { "start_wait", type = "integer", default = 30, help = "Seconds until a unit is active" },
  },
  provides = { runtimes = { "systemd" } },
}
