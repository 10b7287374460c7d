#include <stdio.h>
#include <string.h>

#include "bridge.h"

// Calls from Lua to Swift. Swift has returned before anything here raises or yields.

static bool is_inexact(lua_State *L) {
  lua_pushliteral(L, "code");
  bool is_inexact = lua_rawget(L, -2) == LUA_TSTRING && strcmp(lua_tostring(L, -1), "plan.inexact") == 0;
  lua_pop(L, 1);
  return is_inexact;
}

static int raise_failure(lua_State *L, const opsh_values *failure) {
  opsh_push_all(L, failure, 0);
  if (!lua_istable(L, -1)) return luaL_error(L, "the call failed without saying why");
  if (opsh_is_tracing(L) && is_inexact(L)) {
    lua_pushliteral(L, "trace");
    bool is_new = lua_rawget(L, -2) == LUA_TNIL;
    lua_pop(L, 1);
    lua_pushliteral(L, "message");
    lua_rawget(L, -2);
    return opsh_stop_inexact(L, is_new);
  }
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_error);
  lua_setmetatable(L, -2);
  return lua_error(L);
}

static int answer_later(lua_State *L, int status, lua_KContext context) {
  (void)status;
  (void)context;
  const opsh_values *results = lua_touserdata(L, -2);  // the driver's, valid until it regains control
  bool succeeded = lua_toboolean(L, -1);
  opsh_check_stop(L);
  lua_Integer authority = lua_tointeger(L, lua_upvalueindex(4));  // of the trampoline
  return succeeded ? opsh_push_all(L, results, authority) : raise_failure(L, results);
}

// Stack: arguments. Reads them, calls, and leaves the answer's list on top.
static enum opsh_answer call(
    lua_State *L, int32_t function, int32_t authority, int first, int count, const char *subject,
    opsh_values **results) {
  opsh_lua *lua = opsh_of(L);
  luaL_checkstack(L, 16, NULL);
  opsh_values *arguments = opsh_push_values(L);
  *results = opsh_push_values(L);
  char words[128];
  struct opsh_reader reader = {.L = L, .values = arguments, .mode = OPSH_STRICT, .subject = words, .tells_sets = function >= 0};
  opsh_run *run = atomic_load(&lua->run);
  if (run != NULL) reader.room = run->memory;
  for (int index = 0; index < count; index++) {
    snprintf(words, sizeof words, "%s: argument %d", subject, index + 1);
    opsh_read(&reader, first + index);
  }
  if (arguments->failed) luaL_error(L, "not enough memory");
  enum opsh_answer answer = lua->dispatch(lua->host, function, authority, arguments, *results);
  opsh_values_clear(arguments);
  if (answer == OPSH_ERROR) opsh_check_stop(L);  // what a stop made of the call says less than the stop
  return answer;
}

// Loading has no side effects: a call stops the run, so that no pcall hides it.
void opsh_refuse_loading(lua_State *L, const char *name) {
  opsh_run *run = atomic_load(&opsh_of(L)->run);
  if (run == NULL || !run->is_loading) return;
  const struct opsh_stop_failure *failure = &opsh_stop_failures[OPSH_CALLED_WHILE_LOADING];
  bool is_internal = strncmp(name, "opsh_", 5) == 0;  // what stands behind a function of the prelude
  lua_pushfstring(L, is_internal ? "%s" : "%s: it calls '%s'", failure->message, name);
  opsh_stop_now(L, OPSH_CALLED_WHILE_LOADING, lua_tostring(L, -1));
}

// Pushes the name under which the base has the function at 1, or the library's name of it; answers whether it has one.
static bool push_name(lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_names);
  lua_pushvalue(L, 1);
  if (lua_rawget(L, -2) == LUA_TSTRING) return true;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_base);
  int base = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, base); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING || !lua_rawequal(L, -1, 1)) continue;
    lua_pop(L, 1);
    return true;
  }
  return false;
}

// What `help` is asked about crosses as its name: a function that is no primitive would not, and a null says nothing.
static void name_subject(lua_State *L) {
  if (lua_gettop(L) != 1) return;
  luaL_checkstack(L, 8, NULL);
  if (lua_type(L, 1) == LUA_TLIGHTUSERDATA) {
    lua_pushliteral(L, "json.null");
  } else if (lua_type(L, 1) != LUA_TFUNCTION || opsh_primitive_name(L, 1) != NULL) {
    return;
  } else if (!push_name(L)) {
    opsh_raise(L, "help.unknown", "`help()` lists what has", "that function has no help");
  }
  lua_replace(L, 1);
  lua_settop(L, 1);
}

// Upvalues: function, name, whether it awaits, authority.
int opsh_trampoline(lua_State *L) {
  int32_t function = (int32_t)lua_tointeger(L, lua_upvalueindex(1));
  const char *name = lua_tostring(L, lua_upvalueindex(2));
  int32_t authority = (int32_t)lua_tointeger(L, lua_upvalueindex(4));
  opsh_refuse_loading(L, name);
  if (lua_toboolean(L, lua_upvalueindex(3))) opsh_require_awaitable(L, name);
  opsh_check_stop(L);
  if (strcmp(name, "help") == 0) name_subject(L);
  opsh_values *results;
  switch (call(L, function, authority, 1, lua_gettop(L), name, &results)) {
    case OPSH_OK: {
      int count = opsh_push_all(L, results, authority);
      opsh_values_clear(results);
      return count;
    }
    case OPSH_PENDING: return opsh_wait(L, 0, answer_later);
    default: return raise_failure(L, results);
  }
}

// Replaces the arguments on top by the one answer.
int opsh_call_service(lua_State *L, int32_t service, int count) {
  int first = lua_gettop(L) - count + 1;
  opsh_values *results;
  if (call(L, service, 0, first, count, "opsh", &results) != OPSH_OK) return raise_failure(L, results);
  if (opsh_push_all(L, results, 0) == 0) lua_pushnil(L);
  opsh_values_clear(results);
  lua_replace(L, first);
  lua_settop(L, first);
  return 1;
}

const char *opsh_primitive_name(lua_State *L, int index) {
  if (lua_tocfunction(L, index) != opsh_trampoline) return NULL;
  lua_getupvalue(L, index, 2);
  const char *name = lua_tostring(L, -1);
  lua_pop(L, 1);
  return name;
}

// A namespace that is called as the primitive of its name: the arguments come after the namespace itself.
static int called(lua_State *L) {
  lua_remove(L, 1);
  return opsh_trampoline(L);
}

// C functions through which Lua can wait.
static bool is_transparent(lua_CFunction function) {
  return function == opsh_pcall || function == opsh_xpcall || function == opsh_guard || function == opsh_resume ||
         function == opsh_wrapped || function == opsh_trampoline || function == called;
}

// Notes which C function makes waiting impossible here; when none is in this coroutine, the one around it stays noted.
void opsh_note_culprit(lua_State *L) {
  opsh_lua *lua = opsh_of(L);
  if (lua->can_await) snprintf(lua->culprit, sizeof lua->culprit, "a C function");
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_names);
  lua_Debug frame;
  for (int level = 1; lua_getstack(L, level, &frame); level++) {
    lua_getinfo(L, "Snf", &frame);
    lua_CFunction function = lua_tocfunction(L, -1);
    if (function == NULL || is_transparent(function)) {
      lua_pop(L, 1);
      continue;
    }
    const char *name = frame.name;
    if (lua_rawget(L, -2) == LUA_TSTRING) name = lua_tostring(L, -1);
    if (function == opsh_user_handler) name = "xpcall's message handler";
    if (name != NULL) snprintf(lua->culprit, sizeof lua->culprit, "%s", name);
    lua_pop(L, 1);
    break;
  }
  lua_pop(L, 1);
}

void opsh_require_awaitable(lua_State *L, const char *name) {
  opsh_lua *lua = opsh_of(L);
  bool is_yieldable = lua_isyieldable(L);
  if (is_yieldable && lua->can_await) return;
  if (!is_yieldable) opsh_note_culprit(L);
  opsh_raise(
      L, "call.cannot_wait", "call it before, and use its result there", "'%s' has to wait, and nothing can wait inside %s",
      name, lua->culprit);
}

// Lets the frozen table on top be called as the primitive at an index.
static void make_callable(lua_State *L, int primitive) {
  lua_getmetatable(L, -1);
  for (int upvalue = 1; upvalue <= 4; upvalue++) lua_getupvalue(L, primitive, upvalue);
  lua_pushcclosure(L, called, 4);
  lua_setfield(L, -2, "__call");
  lua_pop(L, 1);
}

// Lets the frozen table on top be called where the one at an index can, with an authority of its own.
void opsh_rebind_call(lua_State *L, int index, lua_Integer authority) {
  lua_getmetatable(L, index);
  lua_pushliteral(L, "__call");
  lua_rawget(L, -2);
  if (lua_iscfunction(L, -1)) {
    int call = lua_gettop(L);
    lua_getmetatable(L, call - 2);
    for (int upvalue = 1; upvalue <= 3; upvalue++) lua_getupvalue(L, call, upvalue);
    lua_pushinteger(L, authority);
    lua_pushcclosure(L, called, 4);
    lua_setfield(L, -2, "__call");
    lua_pop(L, 1);
  }
  lua_pop(L, 2);
}

// Leaves the table that holds `path`'s last name on top; false when part of the path is something else.
static bool push_namespace(lua_State *L, const char *path, const char *end) {
  for (const char *dot; (dot = memchr(path, '.', (size_t)(end - path))) != NULL; path = dot + 1) {
    lua_pushlstring(L, path, (size_t)(dot - path));
    lua_pushvalue(L, -1);
    bool is_new = lua_rawget(L, -3) == LUA_TNIL;
    if (is_new || opsh_primitive_name(L, -1) != NULL) {
      int value = lua_gettop(L);  // parent, name, nil or the primitive of that name
      lua_newtable(L);
      lua_createtable(L, 0, 1);
      lua_pushlstring(L, lua_tostring(L, 1), (size_t)(dot - lua_tostring(L, 1)));
      lua_pushcclosure(L, opsh_missing, 1);
      lua_setfield(L, -2, "__index");
      lua_setmetatable(L, -2);
      lua_pushvalue(L, value - 1);
      lua_pushlstring(L, lua_tostring(L, 1), (size_t)(dot - lua_tostring(L, 1)));
      lua_pushvalue(L, value + 1);
      opsh_freeze(L, lua_tostring(L, -2));
      lua_replace(L, -2);  // hidden, name, frozen
      if (!is_new) make_callable(L, value);
      lua_rawset(L, value - 2);
      lua_replace(L, value);
    } else {
      // A library's contents have no metatable: no primitive gets in there.
      if (!opsh_push_hidden(L, -1) || !lua_getmetatable(L, -1)) return false;
      lua_pop(L, 1);
      lua_replace(L, -2);
    }
    lua_replace(L, -3);
    lua_pop(L, 1);
  }
  return true;
}

// Pushes the primitive at `index` as another authority calls it.
void opsh_rebind(lua_State *L, int index, lua_Integer authority) {
  index = lua_absindex(L, index);
  for (int upvalue = 1; upvalue <= 3; upvalue++) lua_getupvalue(L, index, upvalue);
  lua_pushinteger(L, authority);
  lua_pushcclosure(L, opsh_trampoline, 4);
}

// Stack: path, function, awaits, value, …, base. Removes the base; answers whether the name was bound there.
static bool bind_in(lua_State *L, lua_Integer authority) {
  int base = lua_gettop(L);
  size_t length;
  const char *path = lua_tolstring(L, 1, &length), *last = strrchr(path, '.');
  bool is_free = push_namespace(L, path, path + length);
  if (is_free) {
    lua_pushstring(L, last == NULL ? path : last + 1);
    lua_pushvalue(L, -1);
    is_free = lua_rawget(L, -3) == LUA_TNIL;
    lua_pop(L, 1);
  }
  if (is_free) {
    if (lua_isnil(L, 4)) {
      lua_pushvalue(L, 2);
      lua_pushvalue(L, 1);
      lua_pushvalue(L, 3);
      lua_pushinteger(L, authority);
      lua_pushcclosure(L, opsh_trampoline, 4);
    } else {
      lua_pushvalue(L, 4);
    }
    lua_rawset(L, -3);
  }
  lua_settop(L, base - 1);
  return is_free;
}

// (path, function, awaits[, value]) -> whether it was bound; a value is bound instead of a function.
int opsh_bind(lua_State *L) {
  lua_settop(L, 4);
  bool is_internal = strncmp(lua_tostring(L, 1), "opsh_", 5) == 0;
  lua_rawgetp(L, LUA_REGISTRYINDEX, is_internal ? &opsh_key_internal : &opsh_key_base);
  if (!bind_in(L, 0)) return 0;
  if (!is_internal) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_authorities);
    for (lua_pushnil(L); lua_next(L, 5); lua_pop(L, 1)) {
      lua_rawgeti(L, -1, OPSH_OWN_BASE);
      bind_in(L, lua_tointeger(L, 6));
    }
  }
  lua_pushboolean(L, 1);
  return 1;
}
