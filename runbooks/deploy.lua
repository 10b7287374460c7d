#!/usr/bin/env opsh
--- Deploys bots to an image, as at the prompt.
---
---     opsh runbooks/deploy.lua target=staging
---     opsh --yes runbooks/deploy.lua target=all speed=routine image=v2
---     opsh --dry-run runbooks/deploy.lua target=all

local known = { target = true, speed = true, bot = true, image = true }

for name in pairs(args) do
  if not known[name] then
    error { code = "script.argument", message = ("deploy has no argument '%s'"):format(name),
      hint = "its arguments: target, speed, bot, image" }
  end
end

fleet.deploy { target = args.target, speed = args.speed, bot = args.bot, image = args.image }
