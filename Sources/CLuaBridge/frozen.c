#include "bridge.h"

// Lua has no read-only tables. A frozen table is an empty one whose metatable leads to the hidden contents; scripts
// get no metatable of it, and `rawset` refuses it.

static int refuse_change(lua_State *L) {
  return opsh_raise(
      L, "lua.readonly", "use a name of your own", "'%s' is part of opsh and cannot be changed",
      lua_tostring(L, lua_upvalueindex(1)));
}

static int next_hidden(lua_State *L) {
  lua_settop(L, 2);
  if (lua_next(L, lua_upvalueindex(1))) return 2;
  lua_pushnil(L);
  return 1;
}

static int pairs_hidden(lua_State *L) {
  if (!opsh_push_hidden(L, 1)) return luaL_argerror(L, 1, "a table of opsh expected");
  lua_pushcclosure(L, next_hidden, 1);
  return 1;
}

static int name_hidden(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  return 1;
}

// Replaces the table on top by its frozen form.
void opsh_freeze(lua_State *L, const char *name) {
  lua_newtable(L);
  lua_createtable(L, 0, 8);
  lua_pushvalue(L, -3);
  lua_rawsetp(L, -2, &opsh_key_hidden);
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "__index");
  lua_pushstring(L, name);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "__name");
  lua_pushvalue(L, -1);
  lua_pushcclosure(L, name_hidden, 1);
  lua_setfield(L, -3, "__tostring");
  lua_pushcclosure(L, refuse_change, 1);
  lua_setfield(L, -2, "__newindex");
  lua_pushcfunction(L, pairs_hidden);
  lua_setfield(L, -2, "__pairs");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_replace(L, -2);
}

// Pushes the contents of a frozen table; pushes nothing for every other value.
bool opsh_push_hidden(lua_State *L, int index) {
  if (!lua_istable(L, index) || !lua_getmetatable(L, index)) return false;
  if (lua_rawgetp(L, -1, &opsh_key_hidden) == LUA_TTABLE) {
    lua_replace(L, -2);
    return true;
  }
  lua_pop(L, 2);
  return false;
}

// Reading a name that a namespace does not have is an error with the nearest one.
int opsh_missing(lua_State *L) {
  if (lua_type(L, 2) != LUA_TSTRING) return 0;
  lua_pushvalue(L, 2);
  lua_newtable(L);
  lua_Integer count = 0;
  for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
    lua_pushvalue(L, -2);
    lua_rawseti(L, -4, ++count);
  }
  opsh_call_service(L, OPSH_NEAREST, 2);
  return opsh_raise(
      L, "lua.undefined", lua_tostring(L, -1), "%s has no '%s'", lua_tostring(L, lua_upvalueindex(1)),
      lua_tostring(L, 2));
}
