#include <string.h>

#include "bridge.h"

// The allow-list. Whatever Lua brings and is not named here does not exist for scripts.

struct library {
  const char *name;  // "" is the base library
  lua_CFunction open;
  const char *const *functions;
  const luaL_Reg *replacements;
};

static int collectgarbage(lua_State *L) {
  static const char *const options[] = {"count", NULL};
  luaL_checkoption(L, 1, "count", options);
  lua_pushnumber(L, (lua_Number)opsh_lua_memory(opsh_of(L)) / 1024);
  return 1;
}

static int set_metatable(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  if (lua_istable(L, 2)) {
    lua_pushliteral(L, "__gc");
    if (lua_rawget(L, 2) != LUA_TNIL)
      return opsh_raise(
          L, "lua.gc", "use a `local x <close>` variable", "__gc is not available: it would run at any moment");
    lua_pop(L, 1);
  }
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, 1);
  return 1;
}

// Every authority has a metatable of sets of its own, and all are marked.
bool opsh_is_set(lua_State *L, int index) {
  if (!lua_istable(L, index) || !lua_getmetatable(L, index)) return false;
  bool is_set = lua_rawgetp(L, -1, &opsh_key_set) != LUA_TNIL;
  lua_pop(L, 2);
  return is_set;
}

// A mark of ours is no metatable: an empty list looks like any table.
static int get_metatable(lua_State *L) {
  luaL_checkany(L, 1);
  if (opsh_is_list(L, 1)) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, 1);
  return 1;
}

static int raw_set(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checkany(L, 2);
  luaL_checkany(L, 3);
  lua_settop(L, 3);
  bool is_frozen = opsh_push_hidden(L, 1) || opsh_is_set(L, 1) || opsh_is_unknown(L, 1);
  if (is_frozen) return opsh_raise(L, "lua.readonly", NULL, "a table of opsh cannot be changed");
  lua_settop(L, 3);
  lua_rawset(L, 1);
  return 1;
}

static const char *const base_functions[] = {
    "_VERSION", "assert",   "collectgarbage", "error",        "getmetatable", "ipairs",   "load", "next", "pairs", "pcall",
    "rawequal", "rawget",   "rawlen",         "rawset",       "select",       "setmetatable", "tonumber", "tostring",
    "type",     "xpcall",   NULL,
};
static const luaL_Reg base_replacements[] = {
    {"collectgarbage", collectgarbage}, {"getmetatable", get_metatable}, {"load", opsh_load},
    {"pcall", opsh_pcall},              {"rawset", raw_set},             {"setmetatable", set_metatable},
    {"xpcall", opsh_xpcall},            {NULL, NULL},
};
static const char *const coroutine_functions[] = {
    "close", "create", "isyieldable", "resume", "running", "status", "wrap", "yield", NULL,
};
static const char *const math_functions[] = {
    "abs", "acos", "asin", "atan", "ceil", "cos", "deg", "exp", "floor", "fmod", "huge", "log", "max", "maxinteger",
    "min", "mininteger", "modf", "pi", "rad", "random", "randomseed", "sin", "sqrt", "tan", "tointeger", "type", "ult",
    NULL,
};
static const char *const os_functions[] = {"clock", "date", "difftime", "time", NULL};
static const char *const string_functions[] = {
    "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "pack", "packsize", "rep", "reverse",
    "sub", "unpack", "upper", NULL,
};
static const char *const table_functions[] = {
    "concat", "insert", "move", "pack", "remove", "sort", "unpack", NULL,
};
static const char *const utf8_functions[] = {
    "char", "charpattern", "codepoint", "codes", "len", "offset", NULL,
};

static const struct library libraries[] = {
    {"", luaopen_base, base_functions, base_replacements},
    {"coroutine", luaopen_coroutine, coroutine_functions, opsh_coroutine_functions},
    {"math", luaopen_math, math_functions, NULL},
    {"os", luaopen_os, os_functions, NULL},
    {"string", luaopen_string, string_functions, opsh_string_functions},
    {"table", luaopen_table, table_functions, opsh_table_functions},
    {"utf8", luaopen_utf8, utf8_functions, NULL},
};
#define LIBRARIES (sizeof libraries / sizeof *libraries)

static lua_CFunction replacement(const struct library *library, const char *name) {
  for (const luaL_Reg *entry = library->replacements; entry != NULL && entry->name != NULL; entry++)
    if (strcmp(entry->name, name) == 0) return entry->func;
  return NULL;
}

// Remembers a C function's name, for messages that name the culprit.
void opsh_note_name(lua_State *L, const char *library, const char *name) {
  if (!lua_iscfunction(L, -1)) return;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_names);
  lua_pushvalue(L, -2);
  lua_pushfstring(L, "%s%s%s", library, library[0] == 0 ? "" : ".", name);
  lua_rawset(L, -3);
  lua_pop(L, 1);
}

// Stack: original library, target.
static void copy_functions(lua_State *L, const struct library *library) {
  for (const char *const *name = library->functions; *name != NULL; name++) {
    lua_getfield(L, -2, *name);
    opsh_note_name(L, library->name, *name);  // replacements call the original
    lua_CFunction other = replacement(library, *name);
    if (other != NULL) {
      lua_pushcclosure(L, other, 1);
      opsh_note_name(L, library->name, *name);
    }
    lua_setfield(L, -2, *name);
  }
}

static void add_library(lua_State *L, const struct library *library) {
  int base = lua_gettop(L);
  lua_pushcfunction(L, library->open);
  lua_pushstring(L, library->name);
  lua_call(L, 1, 1);
  if (library->name[0] == 0) {
    lua_pushvalue(L, base);
    copy_functions(L, library);
  } else {
    lua_newtable(L);
    copy_functions(L, library);
    if (library->open == luaopen_string) {
      lua_pushliteral(L, "");
      lua_getmetatable(L, -1);
      lua_pushvalue(L, -3);
      lua_setfield(L, -2, "__index");
      lua_pushboolean(L, 0);
      lua_setfield(L, -2, "__metatable");
      lua_pop(L, 2);
    }
    opsh_freeze(L, library->name);
    lua_setfield(L, base, library->name);
  }
  lua_settop(L, base);
}

static void note_ipairs(lua_State *L) {
  lua_getfield(L, -1, "ipairs");
  lua_newtable(L);
  lua_call(L, 1, 1);
  opsh_note_name(L, "", "ipairs");
  lua_pop(L, 1);
}

// Pushes a metatable for globals that fall back to the base on top.
void opsh_push_globals_metatable(lua_State *L) {
  lua_createtable(L, 0, 4);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, "__index");
  lua_pushvalue(L, -2);
  lua_pushcclosure(L, opsh_define, 1);
  lua_setfield(L, -2, "__newindex");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
}

// Registers a metatable for globals that fall back to the table on top, and that table's error for the rest.
static void set_environment(lua_State *L, const void *key) {
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, opsh_undefined);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  opsh_push_globals_metatable(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

// What a file that only describes may use (site.lua, plugin.lua).
static void add_data_environment(lua_State *L) {
  static const char *const names[] = {"ipairs", "math", "pairs", "string", "table", "tonumber", "tostring"};
  lua_newtable(L);
  for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
    lua_getfield(L, -2, names[index]);
    lua_setfield(L, -2, names[index]);
  }
  set_environment(L, &opsh_key_data);
  lua_pop(L, 1);
}

static void clear(lua_State *L) {
  for (lua_pushnil(L); lua_next(L, -2);) {
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_pushnil(L);
    lua_rawset(L, -4);
  }
  lua_pop(L, 1);
}

void opsh_open_sandbox(lua_State *L) {
  lua_newtable(L);
  lua_createtable(L, 0, 1);  // it keeps no function of a plugin that is gone
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &opsh_key_names);
  lua_newtable(L);
  for (size_t index = 0; index < LIBRARIES; index++) add_library(L, &libraries[index]);
  note_ipairs(L);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &opsh_key_base);
  add_data_environment(L);
  set_environment(L, &opsh_key_environment);
  lua_pop(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  clear(L);
  lua_pushnil(L);
  lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
}

static bool is_listed(const char *const *names, const char *name) {
  for (; *names != NULL; names++)
    if (strcmp(*names, name) == 0) return true;
  return false;
}

static bool is_allowed(const char *library, const char *name) {
  static const char *const prelude[] = {"is_unknown", "print", "require", "set", "unwrap", "wait_until", NULL};
  if (library == NULL && is_listed(prelude, name)) return true;
  for (size_t index = 0; index < LIBRARIES; index++) {
    if (library == NULL && strcmp(libraries[index].name, name) == 0) return true;
    if (strcmp(libraries[index].name, library == NULL ? "" : library) == 0 && is_listed(libraries[index].functions, name))
      return true;
  }
  return false;
}

// Asserts the allow-list on what is really there: base on top, or one library's contents.
static bool check_names(lua_State *L, const char *library, const char **culprit) {
  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
    const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
    *culprit = name;
    if (!is_allowed(library, name)) return false;
    if (library == NULL && lua_istable(L, -1)) {
      if (!opsh_push_hidden(L, -1) || !check_names(L, name, culprit)) return false;
      lua_pop(L, 1);
    }
  }
  return true;
}

bool opsh_sandbox_is_closed(lua_State *L, const char **culprit) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  lua_pushnil(L);
  if (lua_next(L, -2)) {
    *culprit = "a real global";
    return false;
  }
  lua_pop(L, 1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_base);
  bool is_closed = check_names(L, NULL, culprit);
  if (is_closed) lua_pop(L, 1);
  return is_closed;
}
