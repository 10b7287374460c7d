#include "bridge.h"

// What a script raises comes back to its pcall as it was: only a text becomes an error of opsh, with code, message and
// trace. Everything else travels in a wrapper that has these fields too, for the report of an error that nobody caught.

// The wrapper's field for the value; nil, which no field can hold, is the key itself.
static void push_key(lua_State *L) { lua_pushlightuserdata(L, (void *)&opsh_key_raised); }

void opsh_set_error_metatable(lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_error);
  lua_setmetatable(L, -2);
}

void opsh_set_text(lua_State *L, const char *name, const char *text) {
  lua_pushstring(L, name);
  lua_pushstring(L, text);
  lua_rawset(L, -3);
}

bool opsh_has_field(lua_State *L, const char *name) {
  lua_pushstring(L, name);
  bool has = lua_rawget(L, -2) != LUA_TNIL;
  lua_pop(L, 1);
  return has;
}

// Whether the value on top is an error that opsh made.
static bool is_ours(lua_State *L) {
  if (!lua_istable(L, -1) || !lua_getmetatable(L, -1)) return false;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_error);
  bool is_same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return is_same;
}

// Stack: the script's table, its wrapper. `error{ code = …, message = … }` decides what is reported.
static void copy_fields(lua_State *L) {
  static const char *const fields[] = {"code", "class", "mark", "message", "hint", "exit_code", NULL};
  for (const char *const *field = fields; *field != NULL; field++) {
    lua_pushstring(L, *field);
    lua_pushvalue(L, -1);
    lua_rawget(L, -4);
    lua_rawset(L, -3);
  }
  if (opsh_has_field(L, "message")) return;
  bool is_named = opsh_has_field(L, "code");
  lua_pushliteral(L, "message");
  if (luaL_getmetafield(L, -3, "__tostring") != LUA_TNIL) {
    lua_pop(L, 1);
    luaL_tolstring(L, -3, NULL);
  } else if (is_named) {
    lua_pushliteral(L, "code");
    lua_rawget(L, -3);
  } else {
    lua_pushliteral(L, "the script raised a table without code and message");
  }
  lua_rawset(L, -3);
}

// Stack: a value. Puts the error that stands for it in its place.
static void wrap(lua_State *L) {
  int type = lua_type(L, -1);
  lua_createtable(L, 0, 6);
  if (type == LUA_TTABLE) {
    copy_fields(L);
  } else {
    lua_pushliteral(L, "message");
    if (type == LUA_TSTRING || type == LUA_TNUMBER)
      luaL_tolstring(L, -3, NULL);
    else
      lua_pushfstring(L, "the script raised a %s instead of an error", lua_typename(L, type));
    lua_rawset(L, -3);
  }
  if (!opsh_has_field(L, "code")) opsh_set_text(L, "code", "lua.error");
  if (type != LUA_TSTRING) {
    push_key(L);
    if (type == LUA_TNIL)
      push_key(L);
    else
      lua_pushvalue(L, -3);
    lua_rawset(L, -3);
  }
  opsh_set_error_metatable(L);
  lua_remove(L, -2);
}

// Leaves the trace of the error on top. A table that was caught and is raised again keeps its first one.
static void push_trace_of(lua_State *L) {
  int error = lua_gettop(L);
  push_key(L);
  bool is_remembered = lua_rawget(L, error) == LUA_TTABLE;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_traces);
  if (is_remembered) {
    lua_pushvalue(L, -2);
    if (lua_rawget(L, -2) == LUA_TNIL) {
      lua_pop(L, 1);
      opsh_push_trace(L);
      lua_pushvalue(L, error + 1);
      lua_pushvalue(L, -2);
      lua_rawset(L, error + 2);
    }
  } else {
    opsh_push_trace(L);
  }
  lua_replace(L, error + 1);
  lua_settop(L, error + 1);
}

// Makes the value on top an error with code, message and trace.
void opsh_wrap_raised(lua_State *L) {
  luaL_checkstack(L, 10, NULL);
  if (!is_ours(L)) wrap(L);
  if (opsh_has_field(L, "trace")) return;
  push_trace_of(L);
  lua_pushliteral(L, "trace");
  lua_insert(L, -2);
  lua_rawset(L, -3);
}

// Puts what the script raised in the place of its wrapper on top; an error of opsh stays.
void opsh_unwrap_raised(lua_State *L) {
  if (!is_ours(L)) return;
  push_key(L);
  int type = lua_rawget(L, -2);
  if (type == LUA_TNIL) {
    lua_pop(L, 1);
    return;
  }
  if (type == LUA_TLIGHTUSERDATA) {
    lua_pop(L, 1);
    lua_pushnil(L);
  }
  lua_replace(L, -2);
}
