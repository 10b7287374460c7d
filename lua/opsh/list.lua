--- Queries on lists of records, such as what `fleet.status` returns.
---
--- Every function takes a list and returns a new one; none changes its input.
---
---     local list = require "opsh.list"
---     local down = list.where(fleet.status(), { state = "down" })
---     print(set(list.column(down, "bot")))

local list = {}

--- The records whose fields have these values, or for which the function returns true.
---@param records table[]
---@param wanted table|fun(record: table): boolean
---@return table[]
function list.where(records, wanted)
  local matches = wanted
  if type(wanted) == "table" then
    matches = function(record)
      for name, value in pairs(wanted) do
        if record[name] ~= value then return false end
      end
      return true
    end
  end
  local found = {}
  for _, record in ipairs(records) do
    if matches(record) then found[#found + 1] = record end
  end
  return found
end

--- The values of one field, without the records that lack it.
---@param records table[]
---@param name string
---@return any[]
function list.column(records, name)
  local values = {}
  for _, record in ipairs(records) do
    if record[name] ~= nil then values[#values + 1] = record[name] end
  end
  return values
end

--- How many records have each value of a field: one record per value, most frequent first.
---@param records table[]
---@param name string
---@return { value: any, count: integer }[]
function list.count_by(records, name)
  local counts, order = {}, {}
  for _, value in ipairs(list.column(records, name)) do
    if not counts[value] then
      counts[value] = { value = value, count = 0 }
      order[#order + 1] = counts[value]
    end
    counts[value].count = counts[value].count + 1
  end
  return list.sort_by(order, "count", true)
end

--- The records in the order of a field; equal ones stay in the order they came in.
---@param records table[]
---@param name string
---@param descending? boolean
---@return table[]
function list.sort_by(records, name, descending)
  local places, sorted = {}, {}
  for place, record in ipairs(records) do
    places[record] = place
    sorted[place] = record
  end
  table.sort(sorted, function(left, right)
    local a, b = left[name], right[name]
    if a == b then return places[left] < places[right] end
    if a == nil or b == nil then return b == nil end
    if descending then return a > b end
    return a < b
  end)
  return sorted
end

--- The sum of a field; records without it count as nothing.
---@param records table[]
---@param name string
---@return number
function list.sum(records, name)
  local total = 0
  for _, value in ipairs(list.column(records, name)) do total = total + value end
  return total
end

return list
