#include <string.h>

#include "bridge.h"

// A tracing run sees Lua's library with unknown values looked for in the arguments. The functions change places with
// the plain ones only while such a run has the thread, so other runs pay nothing.

enum mode { PROPAGATE, STOP, INSERT, CONCAT, RAISE };

#define ALL (~0u)
#define ARGUMENT(n) (1u << ((n) - 1))

struct traced {
  const char *library, *name;
  enum mode mode;
  unsigned arguments;
};

static const struct traced traced[] = {
    {"", "assert", STOP, ARGUMENT(1)},
    {"", "error", RAISE, ARGUMENT(1)},
    {"", "getmetatable", PROPAGATE, ARGUMENT(1)},
    {"", "ipairs", STOP, ARGUMENT(1)},
    {"", "load", STOP, ALL},
    {"", "next", STOP, ALL},
    {"", "pairs", STOP, ARGUMENT(1)},
    {"", "rawequal", PROPAGATE, ALL},
    {"", "rawget", PROPAGATE, ALL},
    {"", "rawlen", PROPAGATE, ALL},
    {"", "rawset", STOP, ARGUMENT(1) | ARGUMENT(2)},
    {"", "select", STOP, ARGUMENT(1)},
    {"", "setmetatable", STOP, ALL},
    {"", "tonumber", PROPAGATE, ALL},
    {"", "tostring", PROPAGATE, ALL},
    {"", "type", PROPAGATE, ALL},
    {"math", NULL, PROPAGATE, ALL},
    {"os", NULL, PROPAGATE, ALL},
    {"string", NULL, PROPAGATE, ALL},
    {"table", "concat", CONCAT, ALL},
    {"table", "insert", INSERT, ALL},
    {"table", "move", STOP, ALL},
    {"table", "remove", STOP, ALL},
    {"table", "sort", STOP, ALL},
    {"table", "unpack", STOP, ALL},
    {"utf8", NULL, PROPAGATE, ALL},
};
#define TRACED (sizeof traced / sizeof *traced)

// The index of the first unknown argument, or 0.
static int find(lua_State *L, unsigned arguments) {
  int count = lua_gettop(L);
  for (int index = 1; index <= count; index++) {
    bool counts = index > 32 ? arguments == ALL : (arguments & ARGUMENT(index)) != 0;
    if (counts && opsh_is_unknown(L, index)) return index;
  }
  return 0;
}

// An unknown element makes the whole text unknown; leaves it on top.
static bool push_unknown_element(lua_State *L) {
  if (!lua_istable(L, 1)) return false;
  lua_Unsigned count = lua_rawlen(L, 1);
  for (lua_Unsigned index = 1; index <= count; index++) {
    lua_rawgeti(L, 1, (lua_Integer)index);
    if (opsh_is_unknown(L, -1)) return true;
    lua_pop(L, 1);
    if ((index & 4095) == 0) opsh_check_stop(L);
  }
  return false;
}

// error(message, level): the operators of traced code are no level of their own.
static int raise(lua_State *L) {
  lua_Integer level = luaL_optinteger(L, 2, 1);
  lua_settop(L, 1);
  if (lua_type(L, 1) == LUA_TSTRING && level > 0) {
    lua_Debug frame;
    int at = 0;
    while (level > 0 && lua_getstack(L, ++at, &frame)) {
      lua_getinfo(L, "S", &frame);
      if (strcmp(frame.source, "=opsh") != 0) level--;
    }
    luaL_where(L, at);
    lua_insert(L, 1);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

// Upvalues: what the plain function has as its own, the plain function, its name, its entry. The plain function runs
// in this frame, so Lua names it in messages, and finds the caller, as if this one were not there.
static int call_traced(lua_State *L) {
  const struct traced *entry = lua_touserdata(L, lua_upvalueindex(4));
  luaL_checkstack(L, 4, NULL);
  int unknown = find(L, entry->arguments);
  if (entry->mode == INSERT && unknown > 1 && unknown == lua_gettop(L)) unknown = 0;  // the element itself
  if (unknown == 0 && entry->mode == CONCAT && push_unknown_element(L)) unknown = lua_gettop(L);
  if (unknown == 0 && entry->mode == RAISE) return raise(L);
  if (unknown == 0) return lua_tocfunction(L, lua_upvalueindex(2))(L);
  const char *name = lua_tostring(L, lua_upvalueindex(3));
  if (entry->mode != PROPAGATE && entry->mode != CONCAT) return opsh_stop_unknown(L, unknown, name);
  lua_pushvalue(L, unknown);
  return 1;
}

// Stack: list, target. Adds the target, the name, the traced and the plain function to the list.
static void add(lua_State *L, const struct traced *entry, const char *name) {
  int list = lua_gettop(L) - 1, target = list + 1;
  lua_pushstring(L, name);
  lua_rawget(L, target);
  if (lua_iscfunction(L, -1)) {
    int plain = lua_gettop(L);
    if (lua_getupvalue(L, plain, 1) == NULL) lua_pushnil(L);
    lua_pushvalue(L, plain);
    lua_pushfstring(L, "%s%s%s", entry->library, entry->library[0] == 0 ? "" : ".", name);
    lua_pushlightuserdata(L, (void *)entry);
    lua_pushcclosure(L, call_traced, 4);
    opsh_note_name(L, entry->library, name);
    lua_Integer count = (lua_Integer)lua_rawlen(L, list);
    lua_pushvalue(L, target);
    lua_rawseti(L, list, count + 1);
    lua_pushstring(L, name);
    lua_rawseti(L, list, count + 2);
    lua_rawseti(L, list, count + 3);
    lua_rawseti(L, list, count + 4);
  } else {
    lua_pop(L, 1);
  }
}

static void add_library(lua_State *L, const struct traced *entry) {
  int target = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, target); lua_pop(L, 1)) {
    lua_pushvalue(L, target - 1);
    lua_pushvalue(L, target);
    add(L, entry, lua_tostring(L, target + 1));
    lua_pop(L, 2);
  }
}

// Pushes the list of what changes place in a base: target, name, traced and plain function of each.
void opsh_push_traced(lua_State *L, int base) {
  lua_newtable(L);
  int list = lua_gettop(L);
  for (size_t index = 0; index < TRACED; index++) {
    lua_pushvalue(L, base);
    if (traced[index].library[0] != 0) {
      lua_getfield(L, -1, traced[index].library);
      opsh_push_hidden(L, -1);
      lua_replace(L, list + 1);
      lua_settop(L, list + 1);
    }
    lua_pushvalue(L, list);
    lua_insert(L, -2);
    if (traced[index].name == NULL)
      add_library(L, &traced[index]);
    else
      add(L, &traced[index], traced[index].name);
    lua_settop(L, list);
  }
}

// trace(operators): what instrumented code calls; it finds them as a hidden field of strings.
static int service_trace(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_base);
  opsh_push_traced(L, 2);
  int list = lua_gettop(L);
  // The strings' __index: a table with the operators, which falls back to the library.
  lua_pushliteral(L, "");
  lua_getmetatable(L, -1);
  lua_replace(L, -2);
  lua_Integer count = (lua_Integer)lua_rawlen(L, list);
  lua_pushvalue(L, -1);
  lua_rawseti(L, list, count + 1);
  lua_pushliteral(L, "__index");
  lua_rawseti(L, list, count + 2);
  lua_getfield(L, -1, "__index");
  lua_pushvalue(L, -1);
  lua_rawseti(L, list, count + 4);
  lua_newtable(L);
  lua_pushlstring(L, OPSH_OPERATORS, sizeof OPSH_OPERATORS - 1);
  lua_pushvalue(L, 1);
  opsh_freeze(L, "opsh");
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &opsh_key_operators);
  lua_rawset(L, -3);
  lua_createtable(L, 0, 1);
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  lua_rawseti(L, list, count + 3);
  lua_settop(L, list);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &opsh_key_traced);
  return 0;
}

// Every field exists already and no string is made, so nothing here allocates or raises.
static void swap(lua_State *L, int list, bool is_tracing) {
  lua_Integer count = (lua_Integer)lua_rawlen(L, list);
  for (lua_Integer index = 1; index < count; index += 4) {
    lua_rawgeti(L, list, index);
    lua_rawgeti(L, list, index + 1);
    lua_rawgeti(L, list, index + (is_tracing ? 2 : 3));
    lua_rawset(L, -3);
    lua_pop(L, 1);
  }
}

void opsh_set_tracing(lua_State *L, bool is_tracing) {
  int top = lua_gettop(L);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_traced);
  swap(L, top + 1, is_tracing);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_authorities);
  for (lua_pushnil(L); lua_next(L, top + 2); lua_pop(L, 1)) {
    lua_rawgeti(L, -1, OPSH_OWN_TRACED);
    swap(L, lua_gettop(L), is_tracing);
    lua_pop(L, 1);
  }
  lua_settop(L, top);
}

bool opsh_is_tracing(lua_State *L) {
  opsh_run *run = atomic_load(&opsh_of(L)->run);
  return run != NULL && run->is_tracing;
}

static int is_tracing(lua_State *L) {
  lua_pushboolean(L, opsh_is_tracing(L));
  return 1;
}

const luaL_Reg opsh_tracing_services[] = {{"is_tracing", is_tracing}, {"trace", service_trace}, {NULL, NULL}};
