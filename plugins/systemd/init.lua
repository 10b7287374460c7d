-- The work is done by the scripts on the hosts; here is only which function serves which verb.
return {
  runtimes = {
    systemd = {
      script = { "units.sh", "files.sh", "driver.sh" },
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
        local texts = { ROOT = config.root, SCOPE = config.scope }
        texts.LIMIT, texts.START_WAIT = config.limit, config.start_wait
        if config.units ~= "" then texts.UNITS = config.units end
        if config.unit ~= "" then texts.UNIT = config.unit end
        return texts
      end,
    },
  },
}
