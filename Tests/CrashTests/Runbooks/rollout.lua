-- A deploy in one step, with an undo that can be made to fail.
return {
  version = "1.0.0",
  summary = "Rolls bots to an image",
  owner = "tests",
  updated = "2026-01-01",
  effects = { "changes" },
  lock = "host/{target}",
  params = {
    { "target", type = "hosts" },
    { "image", type = "string", default = "v2" },
    { "fails", type = "boolean", default = false },
    { "broken_undo", type = "string", default = "" },
  },
  run = function(job, args)
    job:step("mark", function() fleet.exec { on = args.target, cmd = "echo marked >>trace" } end, {
      undo = function()
        if args.broken_undo ~= "" then
          local seen = fleet.query(args.target, "test -e " .. args.broken_undo)
          if not seen[1].ok then error { code = "test.undo", message = "the undo cannot work yet" } end
        end
        fleet.exec { on = args.target, cmd = "echo unmarked >>trace" }
      end,
    })
    job:step("roll out", function()
      return fleet.deploy { target = args.target, image = args.image }
    end)
    job:step("fail", function()
      if not args.fails then return end
      local reports = fleet.exec { on = args.target, cmd = "false" }
      if not is_unknown(reports) then error { code = "test.failed", message = "it was asked to fail" } end
    end)
  end,
}
