#include <string.h>

#include "bridge.h"

// Every chunk has a table of its own globals. Behind it lies the frozen base; behind that, an error.

// Replaces the metatable on top by a new table of globals that has it.
void opsh_set_globals(lua_State *L) {
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "_G");
  lua_insert(L, -2);
  lua_setmetatable(L, -2);
}

// A new table of globals whose metatable the registry holds under `kind`.
void opsh_push_environment(lua_State *L, const void *kind) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, kind);
  opsh_set_globals(L);
}

static bool is_base(lua_State *L, int index) {
  lua_pushvalue(L, index);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_base);
  bool is_same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return is_same;
}

// The globals of the innermost script function of a coroutine, left on that coroutine's stack; those of a plugin are
// passed over, since its own `load` knows them.
static bool push_environment_of(lua_State *co) {
  lua_Debug frame;
  if (!lua_checkstack(co, 4)) return false;
  for (int level = 0; lua_getstack(co, level, &frame); level++) {
    lua_getinfo(co, "f", &frame);
    const char *name;
    for (int index = 1; !lua_iscfunction(co, -1) && (name = lua_getupvalue(co, -1, index)) != NULL; index++) {
      bool is_environment = strcmp(name, "_ENV") == 0 && lua_istable(co, -1);
      if (is_environment && !is_base(co, -1) && !opsh_is_own_globals(co, -1)) {
        lua_replace(co, -2);
        return true;
      }
      lua_pop(co, 1);
    }
    lua_pop(co, 1);
  }
  return false;
}

// The globals of the innermost script function that called us, also from inside a coroutine that has none of its own.
bool opsh_push_caller_environment(lua_State *L) {
  if (push_environment_of(L)) return true;
  opsh_run *run = atomic_load(&opsh_of(L)->run);
  if (run == NULL || run->co == L || !push_environment_of(run->co)) return false;
  lua_xmove(run->co, L, 1);
  return true;
}

static lua_Integer add_names(lua_State *L, int list, int table, lua_Integer count) {
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING) continue;
    lua_pushvalue(L, -2);
    lua_rawseti(L, list, ++count);
  }
  return count;
}

static lua_Integer add_locals(lua_State *L, int list, lua_Integer count) {
  lua_Debug frame;
  int level = 0;
  do {
    if (!lua_getstack(L, ++level, &frame)) return count;
    lua_getinfo(L, "S", &frame);
  } while (strcmp(frame.source, "=opsh") == 0);
  const char *name;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_operators);
  for (int index = 1; (name = lua_getlocal(L, &frame, index)) != NULL; index++) {
    bool is_hidden = name[0] == '(' || lua_rawequal(L, -1, -2);
    lua_pop(L, 1);
    if (is_hidden) continue;
    lua_pushstring(L, name);
    lua_rawseti(L, list, ++count);
  }
  lua_pop(L, 1);
  return count;
}

// Whether the function that reads has these globals; then its locals are no secret to whoever catches the error.
static bool is_reader(lua_State *L, int globals) {
  lua_Debug frame;
  if (!lua_getstack(L, 1, &frame)) return false;
  lua_getinfo(L, "f", &frame);
  int function = lua_gettop(L);
  bool is_same = false;
  const char *name;
  for (int index = 1; !is_same && (name = lua_getupvalue(L, function, index)) != NULL; index++) {
    is_same = strcmp(name, "_ENV") == 0 && lua_rawequal(L, -1, globals);
    lua_pop(L, 1);
  }
  lua_settop(L, function - 1);
  return is_same;
}

// __index of the base: a name that nobody defined. A plugin's has the plugin's globals as upvalue.
int opsh_undefined(lua_State *L) {
  if (lua_type(L, 2) != LUA_TSTRING) return 0;
  lua_settop(L, 2);
  lua_pushvalue(L, 2);
  lua_newtable(L);
  lua_Integer count = add_names(L, 4, 1, 0);
  bool is_plugin = lua_istable(L, lua_upvalueindex(1));
  if (!is_plugin || is_reader(L, lua_upvalueindex(1))) count = add_locals(L, 4, count);
  if (is_plugin) lua_pushvalue(L, lua_upvalueindex(1));
  if (is_plugin || opsh_push_caller_environment(L)) {
    count = add_names(L, 4, 5, count);
    lua_settop(L, 4);
  }
  opsh_call_service(L, OPSH_NEAREST, 2);
  return opsh_raise(L, "lua.undefined", lua_tostring(L, -1), "no variable named '%s'", lua_tostring(L, 2));
}

// __newindex of globals: a chunk may create them at its top level, a function may not.
int opsh_define(lua_State *L) {
  lua_pushvalue(L, 2);
  bool is_taken = lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL;
  if (is_taken)
    return opsh_raise(
        L, "lua.readonly", "choose another name, or declare a `local`", "'%s' is part of opsh and cannot be replaced",
        lua_tostring(L, 2));
  lua_Debug frame;
  if (lua_getstack(L, 1, &frame) && lua_getinfo(L, "S", &frame) && strcmp(frame.what, "Lua") == 0)
    return opsh_raise(
        L, "lua.global", "declare it with `local`, or assign it at the top level first",
        "a function assigns to '%s', which is not declared", luaL_tolstring(L, 2, NULL));
  lua_settop(L, 3);
  lua_rawset(L, 1);
  return 0;
}

static const char *read_piece(lua_State *L, void *context, size_t *length) {
  (void)context;
  lua_pushvalue(L, 1);
  lua_call(L, 0, 1);
  if (lua_isnil(L, -1)) {  // Lua takes whatever is left on top for what it compiled
    lua_pop(L, 1);
    return *length = 0, NULL;
  }
  if (!lua_isstring(L, -1)) luaL_error(L, "reader function must return a string");
  lua_replace(L, 5);  // keeps the piece alive while Lua reads it
  return lua_tolstring(L, 5, length);
}

// reader -> the whole text, because a tree needs it.
static int read_whole(lua_State *L) {
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  for (;;) {
    lua_pushvalue(L, 1);
    lua_call(L, 0, 1);
    if (lua_isnil(L, -1)) break;
    if (!lua_isstring(L, -1)) {
      luaL_where(L, 2);  // who called load
      lua_pushliteral(L, "reader function must return a string");
      lua_concat(L, 2);
      return lua_error(L);
    }
    if (lua_type(L, -1) == LUA_TSTRING && lua_rawlen(L, -1) == 0) break;
    luaL_addvalue(&text);
  }
  lua_pop(L, 1);
  luaL_pushresult(&text);
  return 1;
}

// Replaces the chunk by its traced form; where the reader fails, leaves why on top.
static int trace_source(lua_State *L) {
  if (lua_isfunction(L, 1)) {
    if (lua_isnil(L, 2)) {
      lua_pushliteral(L, "=(load)");
      lua_replace(L, 2);
    }
    lua_pushcfunction(L, opsh_on_error);
    int handler = lua_gettop(L);
    lua_pushcfunction(L, read_whole);
    lua_pushvalue(L, 1);
    int status = lua_pcall(L, 1, 1, handler);
    if (status != LUA_OK) return status;
    lua_replace(L, 1);
    lua_settop(L, 5);
  } else if (lua_type(L, 1) == LUA_TSTRING && lua_isnil(L, 2)) {
    lua_pushvalue(L, 1);
    lua_replace(L, 2);
  }
  if (lua_type(L, 1) != LUA_TSTRING) return LUA_OK;
  lua_pushvalue(L, 1);
  opsh_call_service(L, OPSH_TRACE, 1);
  lua_replace(L, 1);
  return LUA_OK;
}

// The name of a chunk; that of opsh's own code would hide it from traces.
static const char *chunk_name(lua_State *L, const char *fallback) {
  const char *name = luaL_optstring(L, 2, fallback);
  return strcmp(name, "=opsh") == 0 ? "=(load)" : name;
}

// load(chunk [, name [, mode [, env]]]): text only, in the caller's globals unless others are given. A plugin's has the
// plugin's globals as upvalue: who calls, and through what, does not matter.
int opsh_load(lua_State *L) {
  bool has_environment = !lua_isnone(L, 4);
  const char *mode = luaL_optstring(L, 3, "t");
  int status = LUA_OK;
  lua_settop(L, 5);
  if (opsh_is_tracing(L) && strchr(mode, 't') != NULL) status = trace_source(L);
  if (status != LUA_OK) {
    opsh_normalize(L, status);
  } else if (strchr(mode, 't') == NULL) {
    lua_pushliteral(L, "only text can be loaded");
    status = LUA_ERRSYNTAX;
  } else if (lua_isstring(L, 1)) {
    size_t length;
    const char *text = lua_tolstring(L, 1, &length);
    status = luaL_loadbufferx(L, text, length, chunk_name(L, text), "t");
  } else {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    status = lua_load(L, read_piece, NULL, chunk_name(L, "=(load)"), "t");
  }
  if (status == LUA_ERRMEM) return lua_error(L);
  if (status != LUA_OK && opsh_is_stopped(L)) return opsh_raise_stop(L);
  if (status != LUA_OK) {
    opsh_unwrap_raised(L);
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
  }
  if (has_environment)
    lua_pushvalue(L, 4);
  else if (lua_istable(L, lua_upvalueindex(1)))
    lua_pushvalue(L, lua_upvalueindex(1));
  else if (!opsh_push_caller_environment(L))
    opsh_push_environment(L, &opsh_key_environment);
  if (lua_setupvalue(L, -2, 1) == NULL) lua_pop(L, 1);
  return 1;
}

// (source, name, authority) -> function with globals of its own, or with those of the authority; for `require`.
int opsh_compile(lua_State *L) {
  size_t length;
  const char *source = luaL_checklstring(L, 1, &length);
  int status = luaL_loadbufferx(L, source, length, luaL_checkstring(L, 2), "t");
  if (status == LUA_ERRSYNTAX) return opsh_raise(L, "lua.syntax", NULL, "%s", lua_tostring(L, -1));
  if (status != LUA_OK) return lua_error(L);
  lua_Integer authority = luaL_checkinteger(L, 3);
  if (authority == 0)
    opsh_push_environment(L, &opsh_key_environment);
  else if (!opsh_push_own(L, authority, OPSH_OWN_GLOBALS))
    return luaL_error(L, "the plugin is no longer loaded");
  lua_setupvalue(L, -2, 1);
  return 1;
}
