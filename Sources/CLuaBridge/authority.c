#include "bridge.h"

// Authority is lexical: code of a plugin has globals, library tables and primitives of its own, and each primitive
// carries the number of whose code may hold it. Who calls, and through what, does not matter.
//
// The registry keeps a list of { base, globals, traced functions, maker of handles } by authority.

// Pushes a part of what an authority owns; nothing when it was closed.
bool opsh_push_own(lua_State *L, lua_Integer authority, enum opsh_own part) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_authorities);
  bool is_open = lua_rawgeti(L, -1, authority) == LUA_TTABLE;
  if (is_open) lua_rawgeti(L, -1, part);
  lua_replace(L, is_open ? -3 : -2);
  lua_pop(L, 1);
  return is_open;
}

// Whether a table holds the globals of an authority.
bool opsh_is_own_globals(lua_State *L, int index) {
  if (!lua_getmetatable(L, index)) return false;
  bool is_own = lua_rawgetp(L, -1, &opsh_key_own) != LUA_TNIL;
  lua_pop(L, 2);
  return is_own;
}

static void push_own(lua_State *L, int index, lua_Integer authority);

// Fills the table on top with what an authority has in the place of the values of another.
static void fill(lua_State *L, int source, lua_Integer authority) {
  int target = lua_gettop(L);
  luaL_checkstack(L, 16, NULL);
  for (lua_pushnil(L); lua_next(L, source); lua_pop(L, 1)) {
    lua_pushvalue(L, -2);
    push_own(L, target + 2, authority);
    lua_rawset(L, target);
  }
}

// Pushes a frozen copy of the frozen table at `index`, whose contents are on top, in the place of these.
static void push_copy(lua_State *L, int index, lua_Integer authority) {
  int contents = lua_gettop(L);
  lua_newtable(L);
  fill(L, contents, authority);
  if (lua_getmetatable(L, contents)) {  // a namespace: a name that it lacks is an error
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "__index");
    lua_pushvalue(L, -1);
    lua_rawget(L, -4);
    lua_rawset(L, -3);
    lua_setmetatable(L, contents + 1);
    lua_pop(L, 1);
  }
  lua_getmetatable(L, index);
  lua_pushliteral(L, "__name");
  lua_rawget(L, -2);
  lua_pushvalue(L, contents + 1);
  opsh_freeze(L, lua_tostring(L, -2));
  opsh_rebind_call(L, index, authority);
  lua_replace(L, contents);
  lua_settop(L, contents);
}

// Pushes what an authority has in the place of the value at `index`.
static void push_own(lua_State *L, int index, lua_Integer authority) {
  if (opsh_primitive_name(L, index) != NULL)
    opsh_rebind(L, index, authority);
  else if (opsh_push_hidden(L, index))
    push_copy(L, index, authority);
  else
    lua_pushvalue(L, index);
}

// Numbers drawn by one must not be foretold by another.
static void set_random(lua_State *L, int base) {
  static const char *const names[] = {"random", "randomseed"};
  lua_pushcfunction(L, luaopen_math);
  lua_call(L, 0, 1);
  int library = lua_gettop(L);
  lua_pushliteral(L, "math");
  lua_rawget(L, base);
  opsh_push_hidden(L, -1);
  for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
    lua_getfield(L, library, names[index]);
    opsh_note_name(L, "math", names[index]);
    lua_setfield(L, -2, names[index]);
  }
  lua_settop(L, library - 1);
}

// Calls what the prelude said makes this function for an authority: `require`, `set`, `wait_until`, `handle`.
static void push_made(lua_State *L, const char *name, lua_Integer authority) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_makers);
  lua_getfield(L, -1, name);
  lua_replace(L, -2);
  lua_pushinteger(L, authority);
  lua_call(L, 1, 1);
}

static void set_made(lua_State *L, int base, const char *name, lua_Integer authority) {
  push_made(L, name, authority);
  lua_setfield(L, base, name);
}

// (authority)
static int open_authority(lua_State *L) {
  lua_Integer authority = lua_tointeger(L, 1);
  const int base = 2, globals = 3;
  lua_newtable(L);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_base);
  lua_insert(L, base);
  fill(L, base, authority);
  lua_replace(L, base);
  set_random(L, base);
  set_made(L, base, "require", authority);
  set_made(L, base, "set", authority);
  set_made(L, base, "wait_until", authority);
  lua_pushvalue(L, base);
  opsh_push_globals_metatable(L);
  lua_replace(L, globals);
  lua_pushinteger(L, authority);
  lua_rawsetp(L, globals, &opsh_key_own);
  opsh_set_globals(L);
  lua_pushvalue(L, globals);
  lua_pushcclosure(L, opsh_load, 1);
  opsh_note_name(L, "", "load");
  lua_setfield(L, base, "load");
  lua_createtable(L, 0, 1);
  lua_pushvalue(L, globals);
  lua_pushcclosure(L, opsh_undefined, 1);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, base);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_authorities);
  lua_createtable(L, OPSH_OWN_HANDLE, 0);
  lua_pushvalue(L, base);
  lua_rawseti(L, -2, OPSH_OWN_BASE);
  lua_pushvalue(L, globals);
  lua_rawseti(L, -2, OPSH_OWN_GLOBALS);
  opsh_push_traced(L, base);
  lua_rawseti(L, -2, OPSH_OWN_TRACED);
  push_made(L, "handle", authority);
  lua_rawseti(L, -2, OPSH_OWN_HANDLE);
  lua_rawseti(L, -2, authority);
  return 0;
}

bool opsh_lua_open_authority(opsh_lua *lua, int32_t authority) {
  lua_settop(lua->L, 0);
  lua_pushcfunction(lua->L, open_authority);
  lua_pushinteger(lua->L, authority);
  bool is_open = lua_pcall(lua->L, 1, 0, 0) == LUA_OK;
  lua_settop(lua->L, 0);
  return is_open;
}

void opsh_lua_close_authority(opsh_lua *lua, int32_t authority) {
  lua_State *L = lua->L;
  lua_settop(L, 0);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_authorities);
  if (lua_rawgeti(L, 1, authority) != LUA_TNIL) {  // a key that is there: nothing is allocated
    lua_pushnil(L);
    lua_rawseti(L, 1, authority);
  }
  lua_settop(L, 0);
}

// mark_makers(functions by name): each makes a function of an authority; the handles of the operator are made at once.
static int mark_makers(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &opsh_key_makers);
  push_made(L, "handle", 0);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &opsh_key_handle);
  return 0;
}

// rebind(primitive, authority)
static int rebind(lua_State *L) {
  opsh_rebind(L, 1, luaL_checkinteger(L, 2));
  return 1;
}

const luaL_Reg opsh_authority_services[] = {{"mark_makers", mark_makers}, {"rebind", rebind}, {NULL, NULL}};
