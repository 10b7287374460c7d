--- What the units of the system say of themselves: their state, and lines of the journal,
--- counted by its fields.

-- How many lines of a unit fit a pattern since so many seconds ago. `--user` finds nothing for
-- root and where the journal is shared. What cannot be read is a failure, never a count of 0.
local COUNT = [[
u=$(id -u) since=@$(($(date +%s) - $1)) unit=$2.service find=$3
lines() { timeout 10 journalctl -q --no-pager -o cat --since "$since" "$@" \
  "_SYSTEMD_USER_UNIT=$unit" "_UID=$u" + "_SYSTEMD_UNIT=$unit" "_UID=$u"; }
lines -n 1 >/dev/null || { echo "the journal cannot be read" >&2; exit 3; }
lines --case-sensitive=no --grep "$find" | wc -l]]

local function why(report)
  local detail = report.detail or ""
  return detail ~= "" and detail or report.error_output or ""
end

local function status(bots)
  local found = {}
  for _, bot in ipairs(fleet.status { on = bots }) do found[bot.bot] = bot end
  return found
end

local function count(bot, host, seconds, pattern)
  local cmd = { "sh", "-c", COUNT, "count", tostring(seconds), bot, pattern }
  local report = fleet.query { on = host, cmd = cmd }[1]
  local lines = report and report.ok and tonumber(report.output)
  return lines, lines and nil or (report and why(report) or "no answer")
end

-- Whether a look has told what runs there.
local function known(bot) return bot.state ~= "unreachable" and bot.state ~= "unknown" end

local function units(system)
  local found = {}
  for role, bots in pairs(system.roles) do
    for name, bot in pairs(status(bots)) do
      found[#found + 1] = {
        bot = name, host = bot.host, role = role, state = bot.state, note = bot.note,
      }
    end
  end
  table.sort(found, function(a, b) return a.bot < b.bot end)
  return found
end

-- A live trader may be down on purpose, and the dashboard is nice to have.
local function down(system)
  local answers, live = {}, system.kinds.live
  for _, unit in ipairs(units(system)) do
    local needed = unit.role ~= "monitor" and not (live and unit.bot == tostring(live))
    local odd = unit.state ~= "running" and (needed or unit.state ~= "down")
    answers[#answers + 1] = {
      subject = unit.bot, value = known(unit) and (odd and 1 or 0) or nil,
      evidence = ("%s %s"):format(unit.state, unit.note),
    }
  end
  return answers
end

local function blind(system)
  local traders, source = status(system.roles.trader), "running"
  for _, bot in pairs(status(system.roles.data)) do
    if bot.state ~= "running" then source = bot.state end
    if not known(bot) then return { evidence = bot.bot .. ": " .. bot.note } end
  end
  local names, value = {}, 0
  for name, bot in pairs(traders) do
    if not known(bot) then return { evidence = name .. ": " .. bot.note } end
    if bot.state == "running" and source ~= "running" then
      value, names[#names + 1] = value + 1, name
    end
  end
  local evidence = ("data source %s; %s"):format(source, table.concat(names, ", "))
  return { value = value, evidence = evidence }
end

local function errors(system, bots, seconds, pattern)
  local answers = {}
  for name, bot in pairs(status(bots)) do
    if bot.state == "running" or not known(bot) then
      local value, evidence = count(name, bot.host, seconds, pattern)
      answers[#answers + 1] = { subject = name, value = value, evidence = evidence }
    end
  end
  -- Where none runs there is nothing to count; `down` tells about that.
  if #answers == 0 then
    answers[1] = { subject = system.name, value = 0, evidence = "none runs" }
  end
  return answers
end

return {
  primitives = { units = units },
  checks = {
    down = down,
    blind = blind,
    sidecar_errors = function(system)
      return errors(system, system.roles.data, 3600, "error|disconnect|reconnect")
    end,
    trader_errors = function(system)
      return errors(system, system.roles.trader, 60, "error|exception|traceback")
    end,
  },
}
