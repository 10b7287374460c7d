-- The work of somebody who is stopped, and, with who=other, of whoever takes over meanwhile.

local function trace(on, word)
  local reports = fleet.exec { on = on, cmd = "echo " .. word .. " >>trace" }
  if not is_unknown(reports) and not reports[1].ok then
    error { code = "test.not_done", message = on .. ": " .. reports[1].detail }
  end
end

return {
  version = "1.0.0",
  summary = "Leaves traces on three hosts, with no lock in its header",
  owner = "tests",
  updated = "2026-01-01",
  effects = { "changes" },
  params = { { "who", type = "string", default = "first" } },
  run = function(job, given)
    if given.who == "other" then
      -- Its plan names every host.
      job:step("all", function() fleet.put { on = "web[001-003]", path = "other", content = "other\n" } end)
      job:step("other", function() trace("web001", "other") end)
      return
    end
    for number = 1, 3 do
      job:step("trace " .. number, function() trace("web00" .. number, "first-" .. number) end)
    end
    job:step("put", function() fleet.put { on = "web002", path = "first", content = "first\n" } end)
    job:step("restart", function() fleet.restart("bot3") end)
    job:step("last", function() trace("web002", "first-last") end)
  end,
}
