--- What the bots of the lab say of themselves: each writes a heartbeat, `key=value` a line.

-- The folder of an earlier version, kept through a swap, is nobody's.
local BEATS = [[
cd %s || exit 1
for f in */heartbeat; do
  case $f in '*'/*|*-prev/*) continue ;; esac
  echo "bot=${f%%/heartbeat}"; cat "$f"
done
echo "now=$(date +%%s)"]]

local LOGS = [[cd %s && { cat */log/bot.log 2>/dev/null || :; } | ]]

local function why(report)
  local detail = report.detail or ""
  return ("%s: %s"):format(report.host, detail ~= "" and detail or report.error_output)
end

-- What every host answers to a command, as `read` makes of it; no value where it does not answer.
local function measure(cmd, read)
  local found = {}
  for _, report in ipairs(fleet.query { on = "*", cmd = cmd }) do
    local one = { subject = report.host }
    if report.ok then one.value = read(report.output) else one.evidence = why(report) end
    found[#found + 1] = one
  end
  return found
end

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
  return bots, now
end

-- The bots of all hosts; nil and the reason where one does not answer: a count without it is wrong.
local function everywhere(root, on)
  local all = {}
  for _, report in ipairs(fleet.query { on = on or "*", cmd = BEATS:format(root) }) do
    if not report.ok then return nil, why(report) end
    local bots, now = parse(report.output)
    for _, bot in ipairs(bots) do
      bot.host, bot.age = report.host, now - bot.at
      all[#all + 1] = bot
    end
  end
  return all
end

local function names(bots)
  local list = {}
  for _, bot in ipairs(bots) do list[#list + 1] = bot.bot end
  table.sort(list)
  return list
end

local function lonely(root)
  local all, problem = everywhere(root)
  if not all then return nil, problem end
  local found = {}
  for _, bot in ipairs(all) do
    if bot.login ~= "yes" then found[#found + 1] = bot end
  end
  return found
end

-- A number for each host from what its bots say.
local function of_bots(config, read)
  return measure(BEATS:format(config.root), function(text) return read(parse(text)) end)
end

return {
  checks = {
    logged_in = function(_, config)
      local without, problem = lonely(config.root)
      if not without then return { evidence = problem } end
      return { value = #without, evidence = names(without) }
    end,

    heartbeat = function(_, config)
      return of_bots(config, function(bots, now)
        local oldest
        for _, bot in ipairs(bots) do oldest = math.max(oldest or 0, now - bot.at) end
        return oldest
      end)
    end,

    running = function(_, config)
      return of_bots(config, function(bots) return #bots end)
    end,

    versions = function(_, config)
      local all, problem = everywhere(config.root)
      if not all then return { evidence = problem } end
      local seen, count = {}, 0
      for _, bot in ipairs(all) do
        if not seen[bot.version] then count = count + 1 end
        seen[bot.version] = (seen[bot.version] or 0) + 1
      end
      return { value = count > 0 and count or nil, evidence = seen }
    end,

    youngest = function(_, config)
      return of_bots(config, function(bots, now)
        local least
        for _, bot in ipairs(bots) do least = math.min(least or math.huge, now - bot.since) end
        return least
      end)
    end,

    errors = function(_, config)
      return measure(LOGS:format(config.root) .. "grep -c '^[^ ]* *error' || :", tonumber)
    end,

    log_growth = function(_, config)
      return measure(LOGS:format(config.root) .. "wc -c", tonumber)
    end,

    spread = function(_, config)
      local all, problem = everywhere(config.root)
      if not all then return { evidence = problem } end
      local count = {}
      for _, host in ipairs(fleet.hosts()) do count[host.name] = 0 end
      for _, bot in ipairs(all) do count[bot.host] = count[bot.host] + 1 end
      local least, most
      for _, number in pairs(count) do
        least, most = math.min(least or number, number), math.max(most or number, number)
      end
      return { value = most and most - least, evidence = count }
    end,
  },

  primitives = {
    bots = function(args, config)
      local all, problem = everywhere(config.root, args.on)
      return all or error { code = "lab.silent", message = problem }
    end,

    note = function(args)
      return fleet.put { on = args.on, path = "~/NOTE", content = args.text .. "\n" }
    end,
  },

  hooks = {
    deployed = function(report, config)
      local without, problem = lonely(config.root)
      if not without then return "whether the bots have sessions is unknown: " .. problem end
      if #without > 0 then
        return ("%d bots have no session yet after %s: %s"):format(
          #without, report.image, table.concat(names(without), ", "))
      end
    end,
  },
}
