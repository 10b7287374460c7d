-- What scripts see besides Lua's own library. Globals set here become part of the frozen base.

local services, internal = ...
local concat, next, pack, select, tostring, type = table.concat, next, table.pack, select, tostring, type
local getmetatable, setmetatable, rawget, rawequal = getmetatable, setmetatable, rawget, rawequal
local pcall, error, find, format, gsub = pcall, error, string.find, string.format, string.gsub
local ipairs, math_type, sort = ipairs, math.type, table.sort

-- A table without a text of its own shows what is in it, where that is data; Lua would write its address.
local function shown(value)
  if internal.opsh_shown and type(value) == "table" and getmetatable(value) == nil then
    local is_data, text = pcall(internal.opsh_shown, { value = value })
    if is_data then
      return text
    end
  end
  return tostring(value)
end

function print(...)
  local words = {}
  for index = 1, select("#", ...) do
    words[index] = shown((select(index, ...)))
  end
  services.print(concat(words, "\t"))
end

-- Looks up the primitives behind functions of the prelude, as code of an authority calls them.
local function primitives_of(authority, unavailable)
  local primitives = {}
  return function(name)
    local found = primitives[name] or internal[name]
    if found == nil then
      services.raise(unavailable.code, unavailable.message)
    end
    if authority ~= 0 and primitives[name] == nil then
      found = services.rebind(found, authority)
      primitives[name] = found
    end
    return found
  end
end

-- Modules -------------------------------------------------------------------

-- The `require` of an authority: modules are found where it may look, run in its globals and kept for it alone. The
-- operator's are loaded anew when a file was changed; those of a plugin belong to it until it is loaded anew itself.
local function require_of(authority)
  -- A module that a dry run loads is another than that of a live run: its decisions are traced.
  local modules = { [true] = { loaded = {}, loading = {} }, [false] = { loaded = {}, loading = {} } }
  local edition

  --- Runs the module once and returns what it returned. Its body may wait.
  return function(name)
    if services.is_unknown(name) then
      services.stop(name, "require")
    end
    if type(name) ~= "string" or not find(name, "^[%a_][%w_]*[%w_.]*$") or find(name, "..", 1, true) then
      services.raise("module.name", format("'%s' is not a module name", tostring(name)), "letters, digits, _ and single dots")
    end
    local current = authority == 0 and services.edition()
    if edition ~= current then
      -- A file was changed: what another module took from it is as old, so all are loaded anew.
      modules[true].loaded, modules[false].loaded = {}, {}
      edition = current
    end
    local loaded, loading = modules[services.is_tracing()].loaded, modules[services.is_tracing()].loading
    if loaded[name] ~= nil then
      return loaded[name]
    end
    if loading[name] then
      services.raise("module.cycle", format("module '%s' requires itself, directly or through others", name))
    end
    local file = services.module(name, authority)
    local body = services.compile(file.source, file.chunk, authority)
    loading[name] = true
    local results = pack(pcall(body, name))
    loading[name] = nil
    if not results[1] then
      error(results[2], 0)
    end
    local value = results[2]
    if value == nil then
      value = true
    end
    loaded[name] = value
    return value
  end
end

require = require_of(0)

-- Sets ----------------------------------------------------------------------

local function is_set(value)
  return type(value) == "table" and getmetatable(value) == "opsh.set"
end

-- The `set` of an authority, and what makes a set of a folded text: the names of the site that a text stands for are
-- looked up with its capabilities, in its own operators too.
local function set_of(authority)
  local expanded = setmetatable({}, { __mode = "k" })
  local methods, meta = {}, {}
  local primitive = primitives_of(authority, {
    code = "set.unavailable",
    message = "sets of hosts and bots are not available here",
  })

  local function text_of(value)
    if is_set(value) then
      return rawget(value, 0)
    end
    if services.is_unknown(value) then
      services.stop(value, "a set")
    end
    -- A list of names, such as a column of records.
    if type(value) == "table" then
      local count = 0
      for _, name in next, value do
        count = count + 1
        if value[count] == nil or type(name) ~= "string" then
          services.raise("set.type", "expected a list of names, got a table with other things in it", 'for example set { "web1", "web2" }')
        end
      end
      value = concat(value, ",")
    end
    if type(value) ~= "string" then
      services.raise("set.type", format("expected a set or its text, got a %s", type(value)), 'for example set "web[1-9]"')
    end
    return primitive("opsh_set_fold")(value)
  end

  local function new(text)
    -- Not at 1: positions are those of the names, for ipairs and table.concat.
    return setmetatable({ [0] = text }, meta)
  end

  -- The names in order, and the position of each.
  local function names_of(self)
    local entry = expanded[self]
    if not entry then
      local names, positions = primitive("opsh_set_expand")(rawget(self, 0)), {}
      for position = 1, #names do
        positions[names[position]] = position
      end
      entry = { names = names, positions = positions }
      expanded[self] = entry
    end
    return entry
  end

  local function combined(operator)
    return function(left, right)
      if services.is_unknown(left) or services.is_unknown(right) then
        return services.is_unknown(left) and left or right
      end
      return new(primitive("opsh_set_combine")(operator, text_of(left), text_of(right)))
    end
  end

  function methods.contains(self, name)
    if services.is_unknown(name) then
      return name
    end
    return names_of(self).positions[name] ~= nil
  end

  meta.__name = "opsh.set"
  function meta.__index(self, key)
    if math_type(key) == "integer" then
      return names_of(self).names[key]
    end
    return methods[key]
  end

  --- `for position, name in pairs(set) do`, as over a list of names.
  function meta.__pairs(self)
    return ipairs(self)
  end

  meta.__bor = combined("|")
  meta.__sub = combined("-")
  meta.__band = combined("&")
  meta.__bxor = combined("~")

  function meta.__newindex()
    services.raise("lua.readonly", "a set cannot be changed", "build a new one with | - & ~")
  end

  function meta.__tostring(self)
    return rawget(self, 0)
  end

  function meta.__concat(left, right)
    if services.is_unknown(left) or services.is_unknown(right) then
      return services.is_unknown(left) and left or right
    end
    return tostring(left) .. tostring(right)
  end

  function meta.__len(self)
    return #names_of(self).names
  end

  function meta.__eq(left, right)
    return is_set(left) and is_set(right) and rawequal(rawget(left, 0), rawget(right, 0))
  end

  -- `for name in set do`: the set itself is the iterator, the last name is the state.
  function meta.__call(self, _, last)
    local entry = names_of(self)
    return entry.names[last == nil and 1 or (entry.positions[last] or #entry.names) + 1]
  end

  meta.__metatable = "opsh.set"

  services.mark_set(meta)

  --- A set of hosts or bots from its text, for example `set "web[1-9]!web3"`.
  return function(text, ...)
    if select("#", ...) > 0 then
      services.raise(
        "set.type",
        format("set takes one text or one list, and %d values were given", 1 + select("#", ...)),
        'join them: set "a,b", or set { "a", "b" }'
      )
    end
    if services.is_unknown(text) then
      return text
    end
    return new(text_of(text))
  end, new
end

set = set_of(0)

-- Handles -------------------------------------------------------------------

-- A table that nobody changes; it crosses as its name. `more(contents, key)` adds what is not among its contents yet,
-- all of it without a key, and `refuse(key)` raises for a name that is not there.
local function frozen(kind, name, contents, refuse, more)
  local meta = { __name = name, __metatable = "opsh." .. kind }
  function meta.__index(_, key)
    if services.is_unknown(key) then
      return key
    end
    if contents[key] == nil and more then
      more(contents, key)
    end
    if contents[key] == nil and type(key) == "string" then
      refuse(key)
    end
    return contents[key]
  end
  function meta.__newindex()
    services.raise("lua.readonly", format("'%s' cannot be changed", name), "build a table of your own")
  end
  function meta.__pairs()
    if more then
      more(contents)
    end
    return function(_, key)
      return next(contents, key)
    end
  end
  function meta.__tostring()
    return name
  end
  function meta.__concat(left, right)
    if services.is_unknown(left) or services.is_unknown(right) then
      return services.is_unknown(left) and left or right
    end
    return tostring(left) .. tostring(right)
  end
  function meta.__eq(left, right)
    return getmetatable(left) == getmetatable(right) and tostring(left) == tostring(right)
  end
  services.mark_frozen(meta, contents)
  return setmetatable({}, meta)
end

-- Raises that a system has no kind, role … of this name, with the nearest one.
local function refusing(system, noun, names)
  sort(names)
  return function(key)
    local hint = services.nearest(key, names)
    if hint == nil and #names > 0 then
      hint = "it has " .. concat(names, ", ")
    end
    services.raise("lua.undefined", format("system '%s' has no %s '%s'", system, noun, key), hint)
  end
end

local function keys_of(contents)
  local names = {}
  for key in next, contents do names[#names + 1] = key end
  return names
end

-- Makes what a kind and a name stand for. The fields of a handle are read when they are asked for, with the
-- capabilities of the code that got it.
local function handle_of(authority)
  local _, new_set = set_of(authority)
  local primitive = primitives_of(authority, {
    code = "system.unavailable",
    message = "systems are not available here",
  })

  local function sets(system, noun, texts)
    local contents = {}
    for key, text in next, texts do contents[key] = new_set(text) end
    return frozen("sets", format("%ss of %s", noun, system), contents, refusing(system, noun, keys_of(contents)))
  end

  local makers = { set = new_set }
  local members = { hosts = true, bots = true, kinds = true, roles = true }

  function makers.system(name)
    local function more(contents, key)
      if contents.config == nil and (key == nil or key == "config") then
        local config = primitive("opsh_system_config")(name)
        contents.config = frozen("config", "config of " .. name, config, refusing(name, "setting", keys_of(config)))
      end
      if contents.hosts == nil and (key == nil or members[key]) then
        local found = primitive("opsh_system_members")(name)
        contents.hosts, contents.bots = new_set(found.hosts), new_set(found.bots)
        contents.kinds, contents.roles = sets(name, "kind", found.kinds), sets(name, "role", found.roles)
      end
    end
    local fields = { "name", "config", "hosts", "bots", "kinds", "roles" }
    return frozen("system", name, { name = name }, refusing(name, "field", fields), more)
  end

  return function(kind, name)
    return makers[kind](name)
  end
end

-- What makes the functions of an authority, by name; what follows this file may add to it.
local makers = { require = require_of, set = set_of, handle = handle_of }

services.mark_makers(makers)
