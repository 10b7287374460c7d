#include "bridge.h"

// A prompt chunk begins with `local <name> <close> = ...`, and the argument is this object. When the chunk returns,
// its other locals become variables of the session.

static int capture(lua_State *L) {
  lua_Debug frame;
  if (!lua_isnoneornil(L, 2) || !lua_getstack(L, 1, &frame)) return 0;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_session);
  int session = lua_gettop(L);
  const char *name;
  // Local 1 is this object itself.
  for (int index = 2; (name = lua_getlocal(L, &frame, index)) != NULL; index++) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_operators);
    bool is_hidden = lua_rawequal(L, -1, -2);
    lua_pop(L, 1);
    if (name[0] == '(' || is_hidden) {
      lua_pop(L, 1);
      continue;
    }
    lua_pushstring(L, name);
    lua_insert(L, -2);
    lua_rawset(L, session);
  }
  return 0;
}

int opsh_push_capture(lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_capture) == LUA_TUSERDATA) return 1;
  lua_pop(L, 1);
  lua_newuserdatauv(L, 0, 0);
  lua_createtable(L, 0, 2);
  lua_pushcfunction(L, capture);
  lua_setfield(L, -2, "__close");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &opsh_key_capture);
  return 1;
}
