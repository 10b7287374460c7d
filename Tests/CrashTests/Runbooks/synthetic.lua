-- Thirty small steps that leave traces: every line of a file `trace` is one effect.

-- Hosts that did not do it fail the step, so that it is tried again when the run is taken up.
local function sure(reports)
  if not is_unknown(reports) then
    for _, report in ipairs(reports) do
      if not report.ok then error { code = "test.not_done", message = report.host .. ": " .. report.detail } end
    end
  end
  return reports
end

local function trace(on, word, file)
  return sure(fleet.exec { on = on, cmd = ("echo %s >>%s"):format(word, file or "trace") })
end

return {
  version = "1.0.0",
  summary = "Leaves traces on six hosts",
  owner = "tests",
  updated = "2026-01-01",
  effects = { "changes" },
  lock = "fleet",
  params = {
    { "together", type = "boolean", default = true, help = "Whether one step does two things, of which a retry repeats the first" },
  },
  run = function(job, args)
    for number = 1, 6 do
      job:step("append " .. number, function() return trace("web00" .. number, "append-" .. number) end)
    end
    for number = 1, 3 do
      job:step("put " .. number, function()
        local hosts = ("web[%03d-%03d]"):format(number, number + 1)
        sure(fleet.put { on = hosts, path = "put-" .. number, content = "content " .. number .. "\n" })
      end)
    end
    job:note("half way")
    -- Given back when the run stops, and taken again when it goes on.
    local hold <close> = job:hold("silence", function() return trace("web001", "hold", "holds") end,
      function() return trace("web001", "release", "holds") end)
    job:each("web[001-003]", { name = "each", window = 3 }, function(host) return trace(host, "each") end)
    job:wait("the trace", 20, function() return fleet.query("web001", "cat trace")[1].ok end, { name = "seen" })
    job:step("restart", function()
      local bots = fleet.restart("bot1")
      if bots[1].state ~= "running" then error { code = "test.not_done", message = "bot1 is " .. bots[1].state } end
    end)
    for number = 1, 9 do
      job:step("late " .. number, function() return trace("web002", "late-" .. number) end)
    end
    if args.together then job:step("together", function() return trace("web[001-002]", "together") end) end
    job:step("outer", function()
      if args.together then trace("web004", "outer") end
      return job:step("inner", function() return trace("web005", "inner") end)
    end)
    job:step("time", function() return os.time() > 0 end)
    job:step("random", function() return math.random(1, 100) <= 100 end)
    job:note("done")
  end,
}
