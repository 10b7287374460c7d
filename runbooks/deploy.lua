--- Rolls bots to an image: a survey, waves with gates, and a fresh check of every bot.
---
---     opsh --dry-run runbooks/deploy.lua target=all
---     opsh runbooks/deploy.lua target=all speed=routine image=v2
---     opsh --yes runbooks/deploy.lua target=bot bot=539 image=v2

local rollout = require "opsh.rollout"

return {
  version = "1.1.2",
  summary = "Rolls bots to an image: waves with gates, then a fresh check of every bot",
  owner = "operations",
  updated = "2026-11-21",
  review_after = 180,
  refs = { "docs/runbooks.md" },
  requires = { opsh = ">=0.1" },
  params = {
    { "target", type = "hosts", completion = "selectors",
      help = "all, staging, bot, or any selector" },
    { "speed", type = "speed", choices = { "routine", "fast", "immediate" }, required = false,
      help = "How careful; not for staging or bot; immediate needs target=all" },
    { "bot", type = "bots", required = false,
      help = "The bot for target=bot, for example 539" },
    { "image", type = "image", required = false,
      help = "By name or digest; default: the site's default_image" },
    { "settle", type = "duration", required = false, min = 0,
      help = "How long a new bot must run without a restart; default: the speed's" },
    { "reason", type = "reason", required = false, help = "Why; required for immediate" },
  },
  effects = { "changes" },
  lock = "host/{bot|target}",
  confirm = rollout.confirm,
  exactness = 1.0,

  check = function(job, args)
    rollout.ensure_reason(job, args)
    local plan = fleet.plan {
      target = args.target, speed = args.speed, bot = args.bot, image = args.image,
    }
    local changed = {}
    for _, host in ipairs(fleet.drift { on = plan.hosts }) do
      if host.state == "changed" then changed[#changed + 1] = host.host end
    end
    return {
      hosts = plan.hosts, image = plan.image, digest = plan.digest, speed = plan.speed,
      now = plan.now, already_there = plan.already_there, known_down = plan.known_down,
      drift = changed,
    }
  end,

  run = function(job, args, found)
    if #found.known_down > 0 then
      job:note("left out, not reachable: " .. rollout.folded(found.known_down))
    end
    if #found.drift > 0 then
      job:note("a changed host script is reinstalled on " .. rollout.folded(found.drift))
    end
    return job:step("roll out", function()
      return fleet.deploy {
        target = args.target, speed = args.speed, bot = args.bot, image = args.image,
        settle = args.settle, reason = args.reason,
      }
    end)
  end,

  -- The deploy checked its own work; this check is independent of it.
  verify = function(job, args, report)
    if not report then return end
    rollout.ensure_kept(job, report,
      fleet.verify { target = args.bot or args.target, image = args.image })
  end,
}
