#include "bridge.h"

// Library functions that loop in C for as long as their arguments say. Nothing can stop them, so they are bounded.
#define MAX_STEPS ((lua_Integer)10000000)

static int too_much(lua_State *L, const char *name) {
  return opsh_raise(L, "lua.limit", "do it in parts", "%s: more than %d steps at once", name, (int)MAX_STEPS);
}

// The original is the first upvalue and calls back nothing that waits.
static int call_original(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

int opsh_string_rep(lua_State *L) {
  size_t length, separator;
  luaL_checklstring(L, 1, &length);
  lua_Integer count = luaL_checkinteger(L, 2);
  luaL_optlstring(L, 3, "", &separator);
  if (count > MAX_STEPS) return too_much(L, "string.rep");
  // Past the memory limit anyway, so say which limit it is.
  if (count > 0 && (length + separator) > ((size_t)256 << 20) / (size_t)count)
    return opsh_raise(L, "lua.limit", NULL, "string.rep: the result would be larger than 256 MiB");
  return call_original(L);
}

// A __len could claim any length, so tables that define one are refused.
static void check_length(lua_State *L, const char *name) {
  luaL_checktype(L, 1, LUA_TTABLE);
  if (luaL_getmetafield(L, 1, "__len") != LUA_TNIL)
    opsh_raise(L, "lua.limit", "copy the elements into a plain table", "%s does not work on a table with __len", name);
}

static int insert(lua_State *L) {
  check_length(L, "table.insert");
  return call_original(L);
}

static int remove_element(lua_State *L) {
  check_length(L, "table.remove");
  return call_original(L);
}

static int sort(lua_State *L) {
  check_length(L, "table.sort");
  return call_original(L);
}

static int concat(lua_State *L) {
  check_length(L, "table.concat");
  lua_Integer first = luaL_optinteger(L, 3, 1);
  lua_Integer last = luaL_opt(L, luaL_checkinteger, 4, (lua_Integer)lua_rawlen(L, 1));
  if (last >= first && (lua_Unsigned)last - (lua_Unsigned)first >= (lua_Unsigned)MAX_STEPS)
    return too_much(L, "table.concat");
  return call_original(L);
}

static int move(lua_State *L) {
  lua_Integer first = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3);
  if (last >= first && (lua_Unsigned)last - (lua_Unsigned)first >= (lua_Unsigned)MAX_STEPS)
    return too_much(L, "table.move");
  return call_original(L);
}

const luaL_Reg opsh_table_functions[] = {
    {"concat", concat}, {"insert", insert}, {"move", move}, {"remove", remove_element}, {"sort", sort}, {NULL, NULL},
};

