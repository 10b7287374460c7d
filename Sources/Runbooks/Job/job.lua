-- What a runbook's functions get as `job`. Every body runs through Swift, which records what comes of it.

local internal = ...

local pack, unpack = table.pack, table.unpack
local bodies, last = {}, 0
local book

local function raise(code, message, hint, class, exit_code)
  error({ code = code, message = message, hint = hint, class = class, exit_code = exit_code }, 0)
end

local function keep(body, what)
  if type(body) ~= "function" then
    raise("runbook.argument", what .. " should be a function, got a " .. type(body))
  end
  last = last + 1
  bodies[last] = body
  return last
end

-- The options of a step as data, its functions as numbers. Primitives are called by name: a last table that shares a
-- name with their parameters, as `name` does, would be taken for the whole call.
local function read_options(what, options, functions, known)
  local read = {}
  if options ~= nil and type(options) ~= "table" then
    raise("runbook.argument", what .. ": the options should be a table, got a " .. type(options))
  end
  for name, value in pairs(options or {}) do
    if functions[name] then
      read[name] = keep(value, what .. ": '" .. name .. "'")
    elseif known[name] then
      read[name] = value
    else
      local names = {}
      for key in pairs(functions) do names[#names + 1] = key end
      for key in pairs(known) do names[#names + 1] = key end
      table.sort(names)
      raise("runbook.argument", ("%s has no option '%s'"):format(what, tostring(name)),
        "its options: " .. table.concat(names, ", "))
    end
  end
  return read
end

local methods = {}

function methods.step(_, name, body, options)
  local what = ("job:step(%q)"):format(tostring(name))
  local read = read_options(what, options, { undo = true },
    { retry = true, timeout = true, predict = true, on_failure = true })
  return internal.opsh_job_step { name = name, body = keep(body, what .. ": the body"), options = read }.value
end

function methods.each(_, set, options, body)
  if body == nil then options, body = nil, options end
  local name = type(options) == "table" and options.name or "each"
  local what = ("job:each(%q)"):format(tostring(name))
  local read = read_options(what, options, { undo = true, gate = true }, { name = true, window = true, budget = true,
    ramp = true, gate_every = true, retry = true, timeout = true, on_failure = true, jitter = true })
  local items = set
  if type(set) == "table" and getmetatable(set) == "opsh.set" then
    items = {}
    for item in set do items[#items + 1] = item end
  elseif type(set) == "string" then
    items = {}
    for item in _G.set(set) do items[#items + 1] = item end
  end
  return internal.opsh_job_each { name = name, items = items, body = keep(body, what .. ": the body"), options = read }
end

function methods.wait(_, what, deadline, probe, options)
  local title = ("job:wait(%q)"):format(tostring(what))
  local read = read_options(title, options, {}, { settle = true, every = true, name = true })
  local call = { what = what, deadline = deadline, probe = keep(probe, title .. ": the probe"), options = read }
  return internal.opsh_job_wait(call).value
end

function methods.ensure(_, condition, message, ...)
  if is_unknown(condition) then
    internal.opsh_job_assume(message)
    return condition, message, ...
  end
  if not condition then raise("job.ensure", message or "a condition of the runbook does not hold", nil, "failed", 2) end
  return condition, message, ...
end

-- Acquires something and gives it back at the end of the block, whatever happens there.
function methods.hold(self, name, acquire, release, ...)
  local arguments
  if type(name) == "function" then
    arguments = pack(release, ...)
    name, acquire, release = "hold", name, acquire
  else
    arguments = pack(...)
  end
  if type(release) ~= "function" then
    raise("runbook.argument", "job:hold: what gives it back should be a function, got a " .. type(release))
  end
  local function give_back() return release(unpack(arguments, 1, arguments.n)) end
  local value = self:step(name, function() return acquire(unpack(arguments, 1, arguments.n)) end, { undo = give_back })
  local released = false
  local function close(_, problem)
    if released then return end
    released = true
    if type(problem) == "table" then
      problem = {
        code = tostring(problem.code), message = tostring(problem.message), class = problem.class, mark = problem.mark,
      }
    elseif problem ~= nil then
      problem = tostring(problem)
    end
    internal.opsh_job_release { name = name, body = keep(give_back, "job:hold"), problem = problem }
  end
  return setmetatable({ value = value, release = close }, { __close = close, __name = "opsh.hold" })
end

function methods.confirm(_, text, answer)
  internal.opsh_job_confirm(text, tostring(answer))
end

function methods.note(_, text)
  if is_unknown(text) then return end
  internal.opsh_job_note(tostring(text))
end

local job = setmetatable({}, {
  __name = "opsh.job",
  __metatable = "opsh.job",
  __index = function(_, name)
    local method = methods[name]
    if method then return method end
    local names = {}
    for key in pairs(methods) do names[#names + 1] = key end
    table.sort(names)
    raise("runbook.argument", ("a job has no '%s'"):format(tostring(name)), "it has " .. table.concat(names, ", "))
  end,
  __newindex = function() raise("lua.readonly", "a job cannot be changed", "keep your own values in locals") end,
})

-- Time and randomness of a run are the same when it is resumed.
local clock, chance = {}, {}
for name, value in pairs(os or {}) do clock[name] = value end
for name, value in pairs(math) do chance[name] = value end
if os then
  function clock.time(...)
    if select("#", ...) > 0 then return os.time(...) end
    return internal.opsh_job_time()
  end
  function clock.date(format, time) return os.date(format, time or internal.opsh_job_time()) end
end
function chance.random(low, high)
  if low == nil then return internal.opsh_job_random() end
  if high == nil then low, high = 1, low end
  if math.type(low) ~= "integer" or math.type(high) ~= "integer" or low > high then
    raise("runbook.argument", "math.random: the interval is empty or not of integers")
  end
  return low + math.floor(internal.opsh_job_random() * (high - low + 1))
end
function chance.randomseed() raise("runbook.argument", "the seed of a run is drawn and kept by opsh") end

-- In a runbook a wait is a step: done once, shown in the plan, its probe reads only.
local function wait_until(options)
  local given = {}
  if type(options) ~= "table" then
    raise("call.argument", "wait_until: expected a table of arguments, got a " .. type(options))
  end
  for name, value in pairs(options) do given[name] = value end
  local what, deadline, probe = given.what or "a condition", given.deadline, given.probe
  given.what, given.deadline, given.probe = nil, nil, nil
  return methods.wait(nil, what, deadline, probe, given)
end

local replaced = { os = clock, math = chance, wait_until = wait_until }
local environment = setmetatable({}, {
  __index = function(_, name) return replaced[name] or _G[name] end,
  __newindex = function(_, name)
    raise("runbook.global", ("'%s' would be a global; runbooks have none"):format(tostring(name)), "write `local` before it")
  end,
})

local module = {}

function module.open(source, chunk)
  local body, problem = load(source, chunk, "t", environment)
  if not body then error({ code = "lua.syntax", message = problem, mark = "syntax" }, 0) end
  book = body()
  return type(book) == "table"
end

function module.call(section, ...)
  return (book[section](job, ...))
end

function module.invoke(number, ...)
  return (bodies[number](...))
end

function module.invoke_with_job(number, ...)
  return (bodies[number](job, ...))
end

function module.forget(number) bodies[number] = nil end

return module
