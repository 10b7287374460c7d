-- Values that a dry run cannot know, and what code calls whose decisions are traced (LuaTracing).

do
  local is, derive, stop = services.is_unknown, services.derive, services.stop
  local has, kind = services.has, services.kind
  local unknown_meta = {}

  -- Whatever is computed of an unknown value is unknown for the same reason.
  local function either(left, right)
    return is(left) and left or right
  end

  for _, name in ipairs {
    "add", "sub", "mul", "div", "mod", "pow", "idiv", "band", "bor", "bxor", "shl", "shr", "concat",
  } do
    unknown_meta["__" .. name] = either
  end

  local function itself(value)
    return value
  end

  unknown_meta.__unm, unknown_meta.__bnot, unknown_meta.__len = itself, itself, itself

  local function key_text(key)
    if type(key) == "string" and find(key, "^[%a_][%w_]*$") then
      return "." .. key
    end
    return math.type(key) == "integer" and "[" .. key .. "]" or "[?]"
  end

  function unknown_meta.__index(value, key)
    return derive(value, key_text(key))
  end

  function unknown_meta.__call(value)
    return derive(value, "()")
  end

  function unknown_meta.__tostring(value)
    return services.text(value)
  end

  function unknown_meta.__newindex(value)
    stop(value, "an assignment to a field")
  end

  function unknown_meta.__pairs(value)
    stop(value, "pairs")
  end

  function unknown_meta.__close() end

  -- Where nobody traces the code, Lua takes the answer for a decision.
  local function compared(left, right)
    stop(either(left, right), "a comparison")
  end

  unknown_meta.__eq, unknown_meta.__lt, unknown_meta.__le = compared, compared, compared
  unknown_meta.__name, unknown_meta.__metatable = "unknown", "opsh.unknown"
  services.mark_unknown(unknown_meta)

  --- Whether a dry run cannot know the value; never in a live run.
  function is_unknown(value)
    return is(value)
  end

  --- The value, or in a dry run that cannot know it the default; the plan names the assumption.
  --- Without a default such a run stops here.
  function unwrap(value, ...)
    if not is(value) then
      return value
    end
    if select("#", ...) == 0 then
      stop(value, "unwrap")
    end
    local default = (...)
    if not pcall(services.assume, value, default) then
      services.assume(value, tostring(default))
    end
    return default
  end

  -- Operators of traced code ------------------------------------------------

  local operators = {}

  --- A decision: the condition of `if` or `while`, the left side of `and` or `or`.
  function operators.decide(value, use)
    if is(value) then
      stop(value, use)
    end
    return value
  end

  --- A key of a table that is written.
  function operators.key(value)
    if is(value) then
      stop(value, "a key of a table")
    end
    return value
  end

  --- What a generic `for` walks.
  function operators.each(...)
    local iterator, state, first = ...
    if is(iterator) or is(state) or is(first) then
      stop(is(iterator) and iterator or is(state) and state or first, "for")
    end
    return ...
  end

  operators["not"] = function(value)
    if is(value) then
      return value
    end
    return not value
  end

  operators["=="] = function(left, right)
    if is(left) or is(right) then
      return either(left, right)
    end
    return left == right
  end

  operators["~="] = function(left, right)
    if is(left) or is(right) then
      return either(left, right)
    end
    return left ~= right
  end

  -- Raises at the line of the script what Lua would raise there.
  local function check_order(left, right, metamethod)
    local one, other = type(left), type(right)
    if one == other and (one == "number" or one == "string") then
      return
    end
    if has(left, metamethod) or has(right, metamethod) then
      return
    end
    one, other = kind(left), kind(right)
    if one == other then
      error(format("attempt to compare two %s values", one), 3)
    end
    error(format("attempt to compare %s with %s", one, other), 3)
  end

  operators["<"] = function(left, right)
    if is(left) or is(right) then
      return either(left, right)
    end
    check_order(left, right, "__lt")
    return left < right
  end

  operators["<="] = function(left, right)
    if is(left) or is(right) then
      return either(left, right)
    end
    check_order(left, right, "__le")
    return left <= right
  end

  operators[">"] = function(left, right)
    if is(left) or is(right) then
      return either(left, right)
    end
    check_order(right, left, "__lt")
    return left > right
  end

  operators[">="] = function(left, right)
    if is(left) or is(right) then
      return either(left, right)
    end
    check_order(right, left, "__le")
    return left >= right
  end

  --- `object[key]`; `name` is what Lua would call the object in a message.
  operators["[]"] = function(object, key, name)
    if is(object) then
      return derive(object, key_text(key))
    end
    if is(key) then
      -- Whether such a function is called depends on the key, and it may do anything.
      if services.computes(object) then
        stop(key, "a key of a table that computes its fields")
      end
      return derive(key, " as a key")
    end
    local found = type(object)
    if found ~= "table" and found ~= "string" and not has(object, "__index") then
      error(format("attempt to index a %s value%s", kind(object), name and " (" .. name .. ")" or ""), 2)
    end
    return object[key]
  end

  -- An operator whose operands stand on several lines: `later("<", left, right) % 0` acts on the last one.
  local later_meta = { __metatable = "opsh" }

  function later_meta.__mod(call)
    return call.operator(call.left, call.right, call.name)
  end

  function operators.later(operator, left, right, name)
    local call = { operator = operators[operator], left = left, right = right, name = name }
    return setmetatable(call, later_meta)
  end

  services.trace(operators)
end
