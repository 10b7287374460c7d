--- Rolls bots back to their previous image: a deploy like any other, with plan, canary and gates.
---
---     opsh --dry-run runbooks/rollback.lua target=all
---     opsh runbooks/rollback.lua target=all run=20261121-114502-6ca32b16
---     opsh --yes runbooks/rollback.lua target=all image=v1 mark=true reason='v2 does not log in'
---
--- The target is `image`, else what the deploy of `run` replaced, else the one image
--- that every host runs or ran just before. It must already be stored on every host.

local rollout = require "opsh.rollout"
local fail, folded = rollout.fail, rollout.folded

local function short(digest) return digest:sub(1, 19) end

--- Keys in alphabetical order, and how many there are.
local function keys(map)
  local names = {}
  for name in pairs(map) do names[#names + 1] = name end
  table.sort(names)
  return names, #names
end

--- The images on each host: digests by rank, the present ones, and all of them with their names.
local function shelves(hosts, target)
  local found, silent, why = {}, {}, ""
  for _, host in ipairs(hosts) do found[host] = { kept = {}, current = {}, names = {} } end
  for _, image in ipairs(fleet.images { on = hosts }) do
    local shelf = found[image.host]
    if image.state == "unreachable" or image.state == "unknown" then
      silent[#silent + 1] = image.host
      if why == "" then why = image.note ~= "" and image.note or "no answer" end
    else
      shelf.names[image.digest] = image.image
      if image.state == "current" then shelf.current[image.digest] = true end
      if image.rank then shelf.kept[image.rank] = image.digest end
    end
  end
  if #silent > 0 then
    local names = folded(silent)
    local rest = #silent < #hosts and ("leave them out: target='%s!%s'"):format(target, names)
    error {
      code = "rollback.silent",
      class = "unavailable",
      message = ("the images on %s are unknown: %s"):format(names, why),
      hint = rest or nil,
    }
  end
  return found
end

--- The image that a host ran before the one it runs; nil where it kept none.
local function before(shelf)
  for rank, digest in ipairs(shelf.kept) do
    if shelf.current[digest] then return shelf.kept[rank + 1] end
  end
end

--- The image that every host runs alone or ran just before.
local function common(hosts, found)
  local votes = {}
  for _, host in ipairs(hosts) do
    local shelf, mine = found[host], {}
    local running, count = keys(shelf.current)
    if count == 1 then mine[running[1]] = "runs" end
    local previous = before(shelf)
    if previous then mine[previous] = mine[previous] or "ran" end
    for digest, how in pairs(mine) do
      votes[digest] = votes[digest] or { runs = 0, ran = 0, name = shelf.names[digest] }
      votes[digest][how] = votes[digest][how] + 1
    end
  end
  local fitting, seen = {}, {}
  for _, digest in ipairs((keys(votes))) do
    local vote = votes[digest]
    seen[#seen + 1] = ("%s %s: %d run it, %d ran it before"):format(
      vote.name, short(digest), vote.runs, vote.ran)
    if vote.ran > 0 and vote.runs + vote.ran == #hosts then fitting[#fitting + 1] = digest end
  end
  if #fitting == 1 then return fitting[1] end
  fail("rollback.unclear",
    "the hosts have no single image in common to roll back to\n" .. table.concat(seen, "\n"),
    "name it with image=…, or the deploy with run=…")
end

--- What the deploys of a run replaced.
local function replaced(id)
  local digests = {}
  for _, operation in ipairs(run { id = id }.operations) do
    if operation.previous then digests[operation.previous] = true end
  end
  local list, count = keys(digests)
  if count == 1 then return list[1] end
  fail("rollback.unclear", ("run %s replaced %d images"):format(id, count),
    "name the one to roll back to with image=…")
end

--- The digest of an image given by name or by its first digits, as the hosts know it.
local function digest_of(image, hosts, found)
  local matches = {}
  for _, host in ipairs(hosts) do
    for digest, name in pairs(found[host].names) do
      if name == image or digest == image or digest:find("sha256:" .. image, 1, true) == 1 then
        matches[digest] = true
      end
    end
  end
  local list, count = keys(matches)
  if count == 1 then return list[1] end
  fail("rollback.missing", count == 0 and ("no host has '%s'"):format(image)
    or ("'%s' is %d images"):format(image, count), "see the images with fleet.images()")
end

--- Refuses what is marked bad, and what a host does not have.
local function admit(digest, hosts, found)
  for _, bad in ipairs(releases.bad()) do
    if bad.digest == digest then
      fail("rollback.bad_release", ("%s is marked bad: %s"):format(short(digest), bad.reason),
        "name another with image=…, or clear the mark with releases.clear()")
    end
  end
  local missing = {}
  for _, host in ipairs(hosts) do
    if not found[host].names[digest] then missing[#missing + 1] = host end
  end
  if #missing > 0 then
    fail("rollback.missing", ("%s is not stored on %s"):format(short(digest), folded(missing)),
      "install it with deploy.lua, if the site names its source")
  end
end

--- Hosts by the version they run and by how they are.
local function sides(target, digest)
  local state = {}
  for _, bot in ipairs(fleet.status { on = target.bots }) do
    local host = state[bot.host] or { back = true, well = true }
    host.back = host.back and bot.digest == digest
    host.well = host.well and bot.state == "running" and bot.login == "yes"
    state[bot.host] = host
  end
  local count = { new = {}, new_well = {}, old = {}, old_well = {} }
  for _, name in ipairs(target.hosts) do
    local host = state[name]
    if host then
      local side = host.back and "old" or "new"
      table.insert(count[side], name)
      if host.well then table.insert(count[side .. "_well"], name) end
    end
  end
  return count
end

--- Which way lowers the number of bad hosts, in words.
local function direction(count)
  local new, well, old, old_well = #count.new, #count.new_well, #count.old, #count.old_well
  local back = ("rolling back changes %d hosts, %d of them healthy now"):format(new, well)
  if old == 0 then return back end
  local words = ("%s; %d hosts are back already, %d of them healthy"):format(back, old, old_well)
  -- The shares of bad hosts, compared without dividing.
  local bad_new, bad_old = (new - well) * old, (old - old_well) * new
  if bad_new > bad_old then return words .. ": rolling back lowers the number of bad hosts" end
  if bad_new < bad_old or (well > old and bad_new == bad_old) then
    return words .. (": rolling back does not lower the number of bad hosts, it risks %d good ones;"
      .. " look at %s and roll forward instead"):format(well, folded(count.old))
  end
  return words .. ": both directions leave as many bad hosts"
end

return {
  version = "1.2.3",
  summary = "Rolls bots back to their previous image, which must still be stored on every host",
  owner = "operations",
  updated = "2026-11-29",
  review_after = 180,
  refs = { "docs/runbooks.md" },
  requires = { opsh = ">=0.1" },
  params = {
    { "target", type = "hosts", completion = "selectors", help = "all, staging, or any selector" },
    { "image", type = "image", required = false,
      help = "The image to return to, by name or digest" },
    { "run", type = "run", required = false, help = "Return to what ran before this deploy" },
    { "speed", type = "speed", choices = { "routine", "fast", "immediate" }, required = false,
      help = "How careful; immediate needs target=all" },
    { "settle", type = "duration", required = false, min = 0,
      help = "How long a bot must run without a restart; default: the speed's" },
    { "mark", type = "boolean", default = false,
      help = "Mark the image that is rolled back as bad" },
    { "reason", type = "reason", required = false, help = "Why; required for immediate" },
  },
  effects = { "changes" },
  lock = "host/{target}",
  confirm = rollout.confirm,
  exactness = 1.0,

  check = function(job, args)
    rollout.ensure_reason(job, args)
    job:ensure(not (args.image and args.run), "image=… and run=… exclude each other; give one")
    local target = rollout.survey(job, args.target)
    local hosts = target.hosts
    local found = shelves(hosts, args.target)
    local digest
    if args.image then
      digest = digest_of(args.image, hosts, found)
    elseif args.run then
      digest = replaced(args.run)
    else
      digest = common(hosts, found)
    end
    admit(digest, hosts, found)
    local leaving = {}
    for _, host in ipairs(hosts) do
      for current in pairs(found[host].current) do
        if current ~= digest then leaving[current] = found[host].names[current] end
      end
    end
    local words = direction(sides(target, digest))
    local name = found[hosts[1]].names[digest]
    job:note(("to %s %s, which is stored on all %d hosts"):format(name, short(digest), #hosts))
    job:note(words)
    return { hosts = hosts, digest = digest, leaving = leaving, direction = words }
  end,

  run = function(job, args, found)
    local report = job:step("go back", function()
      return fleet.deploy {
        target = args.target, speed = args.speed, image = found.digest, settle = args.settle,
        reason = args.reason, restores = true,
      }
    end)
    if args.mark then
      job:step("mark what was left", function()
        for _, digest in ipairs((keys(found.leaving))) do
          releases.mark {
            digest = digest, image = found.leaving[digest], reason = args.reason or "rolled back",
          }
        end
      end)
    end
    return report
  end,

  -- Every bot is checked again: what runs is what was requested.
  verify = function(job, args, report, found)
    if not report then return end
    rollout.ensure_kept(job, report, fleet.verify { target = args.target, image = found.digest })
  end,
}
