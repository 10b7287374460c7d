-- `wait_until`, for code of the operator and of plugins.

-- What ends a wait at once: a Ctrl-C, and mistakes in the code of the probe.
local final = {
  cancelled = true, interrupted = true, detached = true, lock_lost = true, unpredictable = true,
  faulty = true, not_allowed = true,
}

-- Whether time may mend it, such as a host that is down.
local function may_pass(problem)
  if type(problem) ~= "table" then
    return false
  end
  local class = problem.class
  if final[problem.mark] then
    return false
  end
  return class == "unavailable" or class == "failed" or class == "refused" or class == "unknown_outcome"
end

-- The `wait_until` of an authority: what it waits with acts as the plugin that waits.
local function wait_of(authority)
  local primitive = primitives_of(authority, { code = "call.argument", message = "wait_until is not available here" })

  --- Polls until the probe has returned true, or until the deadline.
  return function(options)
    local usage = 'wait_until{ what = "the gateway answers", deadline = "2m", probe = function() … end }'
    if type(options) ~= "table" then
      services.raise("call.argument", format("wait_until: expected a table of arguments, got a %s", type(options)), usage)
    end
    local begin, look = primitive("opsh_wait_begin"), primitive("opsh_wait_look")
    local given, probe = {}, nil
    for name, value in next, options do
      if name == "probe" then
        probe = value
      else
        given[name] = value
      end
    end
    if type(probe) ~= "function" then
      services.raise("call.argument", format("wait_until: 'probe' should be a function, got a %s", type(probe)), usage)
    end
    local is_begun, wait = pcall(begin, given)
    if not is_begun then
      -- The operator called this, not what stands behind it.
      wait.message = gsub(wait.message, "opsh_wait_begin", "wait_until")
      error(wait, 0)
    end
    while not wait.over do
      local answered, value = pcall(probe)
      if not answered and not may_pass(value) then
        error(value, 0)
      end
      wait.good = answered and value ~= nil and value ~= false
      wait.said = answered and shown(value) or tostring(value)
      local state = look(wait)
      if state.done then
        return value
      end
      wait.good_since = state.good_since
    end
    return true
  end
end

wait_until = wait_of(0)
makers.wait_until = wait_of
