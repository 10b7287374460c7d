#include <string.h>

#include "bridge.h"

// Secrets: objects that hold a name and nothing else. Lua itself refuses to order, join, measure and index an object
// without the metamethods for it, and names it by `__name`. The same name is the same object, so `==` needs no help.

static int secret_text(lua_State *L) {
  if (!opsh_push_secret_name(L, 1)) return luaL_argerror(L, 1, "a secret expected");
  lua_pushfstring(L, "‹secret %s›", lua_tostring(L, -1));
  return 1;
}

void opsh_open_secrets(lua_State *L) {
  lua_createtable(L, 0, 3);
  lua_pushcfunction(L, secret_text);
  lua_setfield(L, -2, "__tostring");
  lua_pushliteral(L, "secret");
  lua_setfield(L, -2, "__name");
  lua_pushliteral(L, "opsh.secret");
  lua_setfield(L, -2, "__metatable");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &opsh_key_secret);
  // By name, as long as a script holds them.
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "v");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &opsh_key_secrets);
}

// Pushes the secret of a name.
void opsh_push_secret(lua_State *L, const char *name, size_t length) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_secrets);
  lua_pushlstring(L, name, length);
  lua_pushvalue(L, -1);
  if (lua_rawget(L, -3) == LUA_TUSERDATA) {
    lua_replace(L, -3);
    lua_pop(L, 1);
    return;
  }
  lua_pop(L, 1);
  char *own = lua_newuserdatauv(L, length + 1, 0);
  memcpy(own, name, length);
  own[length] = 0;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_secret);
  lua_setmetatable(L, -2);
  // Stack: secrets, name, secret.
  lua_pushvalue(L, -1);
  lua_insert(L, -4);
  lua_rawset(L, -3);
  lua_pop(L, 1);
}

// Pushes the name of a secret; pushes nothing for every other value.
bool opsh_push_secret_name(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index)) return false;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_secret);
  bool is_secret = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  if (!is_secret) return false;
  lua_pushstring(L, lua_touserdata(L, index));
  return true;
}
