-- The work is done by driver.sh on the hosts; here is only which function serves which verb.
return {
  runtimes = {
    process = {
      script = "driver.sh",
      -- Directories of its own beside those of the bots.
      reserved = { "images", "data" },
      verbs = {
        pull = "driver_pull",
        start = "driver_start",
        stop = "driver_stop",
        rename = "driver_rename",
        remove = "driver_remove",
        inspect = "driver_inspect",
        list = "driver_list",
        logs = "driver_logs",
      },
      environment = function(config)
        return { ROOT = config.root }
      end,
    },
  },
}
