--- What the bots of the lab say of themselves: each writes a heartbeat, `key=value` a line.

-- In seconds: older heartbeats tell nothing about now.
local FRESH = 60
-- So far clocks may differ.
local AHEAD = 5

-- The folder of an earlier version, kept through a swap, is nobody's.
local BEATS = [[
cd %s || exit 1
for f in */image; do
  b=${f%%/image}
  case $b in '*'|*-prev) continue ;; esac
  echo "bot=$b"; [ ! -e "$b/heartbeat" ] || cat "$b/heartbeat" || exit 1
done
echo "now=$(date +%%s)"]]

-- No log, and one that cannot be read, are failures: nothing counted would look like nothing wrong.
local LOGS = [[
cd %s || exit 1
for f in */log/bot.log; do
  [ -r "$f" ] || { echo "$f cannot be read" >&2; exit 1; }
done
cat */log/bot.log | ]]

-- As one word of the shell.
local function quoted(text) return "'" .. text:gsub("'", [['\'']]) .. "'" end

local function in_folder(cmd, config) return cmd:format(quoted(config.root)) end

local function why(report)
  local detail = report.detail or ""
  return ("%s: %s"):format(report.host, detail ~= "" and detail or report.error_output or "")
end

-- What each host of a system answers to a command, as `read` has it; without a value, the reason.
local function measure(system, cmd, read)
  local found = {}
  for _, report in ipairs(fleet.query { on = system.hosts, cmd = in_folder(cmd, system.config) }) do
    local one = { subject = report.host }
    if report.ok then
      one.value, one.evidence = read(report.output)
    else
      one.evidence = why(report)
    end
    found[#found + 1] = one
  end
  return found
end

-- The bots of one host; nil and the reason where a heartbeat is not whole.
local function parse(text)
  local bots, now = {}, nil
  for key, value in text:gmatch("(%w+)=([^\n]*)") do
    if key == "bot" then
      bots[#bots + 1] = { bot = value }
    elseif key == "now" then
      now = tonumber(value)
    elseif #bots > 0 then
      bots[#bots][key] = tonumber(value) or value
    end
  end
  if not now then return nil, "the answer is not whole" end
  for _, bot in ipairs(bots) do
    local has_times = type(bot.at) == "number" and type(bot.since) == "number"
    if not (has_times and bot.login and bot.version) then
      return nil, "the heartbeat of " .. bot.bot .. " is not whole"
    end
    bot.age, bot.up = now - bot.at, now - bot.since
    if bot.age < -AHEAD then
      return nil, "the heartbeat of " .. bot.bot .. " is from the future: a clock is wrong"
    end
    bot.alive = bot.age <= FRESH
  end
  return bots
end

-- The bots of hosts; nil and the reason where one is not known: a count without it is wrong.
local function bots_of(hosts, config)
  local all = {}
  for _, report in ipairs(fleet.query { on = hosts, cmd = in_folder(BEATS, config) }) do
    if not report.ok then return nil, why(report) end
    local bots, problem = parse(report.output)
    if not bots then return nil, ("%s: %s"):format(report.host, problem) end
    for _, bot in ipairs(bots) do
      bot.host = report.host
      all[#all + 1] = bot
    end
  end
  return all
end

local function those(bots, wanted)
  local found = {}
  for _, bot in ipairs(bots) do
    if wanted(bot) then found[#found + 1] = bot end
  end
  return found
end

local function alive(bots) return those(bots, function(bot) return bot.alive end) end

-- Also one that no longer says anything: what session it had is over.
local function lonely(bots)
  return those(bots, function(bot) return bot.login ~= "yes" or not bot.alive end)
end

local function names(bots)
  local list = {}
  for _, bot in ipairs(bots) do list[#list + 1] = bot.bot end
  table.sort(list)
  return list
end

-- All bots of a system.
local function everywhere(system) return bots_of(system.hosts, system.config) end

-- A number for each host from what its bots say.
local function of_bots(system, read)
  return measure(system, BEATS, function(text)
    local bots, problem = parse(text)
    if not bots then return nil, problem end
    return read(bots)
  end)
end

return {
  checks = {
    logged_in = function(system)
      local all, problem = everywhere(system)
      if not all then return { evidence = problem } end
      if #all == 0 then return { evidence = "no bot has a heartbeat" } end
      local without = lonely(all)
      return { value = #without, evidence = names(without) }
    end,

    heartbeat = function(system)
      return of_bots(system, function(bots)
        local oldest
        for _, bot in ipairs(bots) do oldest = math.max(oldest or 0, bot.age) end
        return oldest
      end)
    end,

    running = function(system)
      return of_bots(system, function(bots) return #alive(bots) end)
    end,

    versions = function(system)
      local all, problem = everywhere(system)
      if not all then return { evidence = problem } end
      local seen, count = {}, 0
      for _, bot in ipairs(alive(all)) do
        if not seen[bot.version] then count = count + 1 end
        seen[bot.version] = (seen[bot.version] or 0) + 1
      end
      return { value = count > 0 and count or nil, evidence = seen }
    end,

    youngest = function(system)
      return of_bots(system, function(bots)
        local least
        for _, bot in ipairs(alive(bots)) do least = math.min(least or math.huge, bot.up) end
        return least
      end)
    end,

    errors = function(system)
      return measure(system, LOGS .. "{ grep -c '^[^ ]* *error' || :; }", tonumber)
    end,

    log_growth = function(system)
      return measure(system, LOGS .. "wc -c", tonumber)
    end,

    spread = function(system)
      local all, problem = everywhere(system)
      if not all then return { evidence = problem } end
      local count = {}
      for _, host in ipairs(system.hosts) do count[host] = 0 end
      for _, bot in ipairs(alive(all)) do count[bot.host] = count[bot.host] + 1 end
      local least, most
      for _, number in pairs(count) do
        least, most = math.min(least or number, number), math.max(most or number, number)
      end
      return { value = most and most - least, evidence = count }
    end,
  },

  primitives = {
    bots = function(system, args)
      local all, problem = bots_of(args.on, system.config)
      return all or error { code = "lab.silent", message = problem }
    end,

    note = function(_, args)
      return fleet.put { on = args.on, path = "~/NOTE", content = args.text .. "\n" }
    end,
  },

  hooks = {
    deployed = function(report, config)
      local all, problem = bots_of("*", config)
      if not all then return "whether the bots have sessions is unknown: " .. problem end
      local without = lonely(all)
      if #without > 0 then
        local bots = #without == 1 and "bot has" or "bots have"
        return ("%d %s no session yet after %s: %s"):format(
          #without, bots, report.image, table.concat(names(without), ", "))
      end
    end,
  },
}
