#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge.h"

const char opsh_key_base, opsh_key_data, opsh_key_session, opsh_key_environment, opsh_key_internal, opsh_key_names,
    opsh_key_coroutines, opsh_key_error, opsh_key_values, opsh_key_set, opsh_key_hidden,
    opsh_key_memory, opsh_key_stopped, opsh_key_capture, opsh_key_unknown, opsh_key_traced, opsh_key_operators,
    opsh_key_raised, opsh_key_traces, opsh_key_authorities, opsh_key_own, opsh_key_makers, opsh_key_null, opsh_key_list,
    opsh_key_handle, opsh_key_secret, opsh_key_secrets;

static int collect_values(lua_State *L) {
  opsh_values_clear(lua_touserdata(L, 1));
  return 0;
}

static int service_print(lua_State *L) {
  luaL_checkstring(L, 1);
  lua_settop(L, 1);
  opsh_refuse_loading(L, "print");
  opsh_call_service(L, OPSH_PRINT, 1);
  return 0;
}

static int service_module(lua_State *L) {
  luaL_checkstring(L, 1);
  luaL_checkinteger(L, 2);
  lua_settop(L, 2);
  lua_pushboolean(L, opsh_is_tracing(L));
  lua_insert(L, 2);
  return opsh_call_service(L, OPSH_MODULE, 3);
}

static int service_edition(lua_State *L) {
  lua_settop(L, 0);
  lua_pushboolean(L, 0);
  return opsh_call_service(L, OPSH_EDITION, 1);
}

static int service_raise(lua_State *L) {
  return opsh_raise(L, luaL_checkstring(L, 1), luaL_optstring(L, 3, NULL), "%s", luaL_checkstring(L, 2));
}

static int service_mark_set(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_pushboolean(L, 1);
  lua_rawsetp(L, 1, &opsh_key_set);
  return 0;
}

// mark_frozen(metatable, contents): tables of this metatable are like those of opsh, and cross as the metatable's __name.
static int service_mark_frozen(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  lua_rawsetp(L, 1, &opsh_key_hidden);
  return 0;
}

// nearest(name, candidates) -> a question, or nil
static int service_nearest(lua_State *L) {
  lua_settop(L, 2);
  return opsh_call_service(L, OPSH_NEAREST, 2);
}

static const luaL_Reg services[] = {
    {"compile", opsh_compile},   {"edition", service_edition}, {"mark_frozen", service_mark_frozen},
    {"mark_set", service_mark_set}, {"module", service_module},   {"nearest", service_nearest},
    {"print", service_print},    {"raise", service_raise},     {NULL, NULL},
};

static void open_tables(lua_State *L) {
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, collect_values);
  lua_setfield(L, -2, "__gc");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &opsh_key_values);
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &opsh_key_coroutines);
  lua_newtable(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &opsh_key_internal);
  lua_newtable(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &opsh_key_authorities);
}

struct prelude {
  const char *text;
  size_t length;
};

// The prelude sees the base as its globals, and gets what scripts must not have as arguments.
static void run_prelude(lua_State *L, const struct prelude *prelude) {
  if (luaL_loadbufferx(L, prelude->text, prelude->length, "=opsh", "t") != LUA_OK) lua_error(L);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_base);
  lua_setupvalue(L, -2, 1);
  luaL_newlib(L, services);
  luaL_setfuncs(L, opsh_unknown_services, 0);
  luaL_setfuncs(L, opsh_tracing_services, 0);
  luaL_setfuncs(L, opsh_authority_services, 0);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_internal);
  lua_call(L, 2, 0);
}

static int open(lua_State *L) {
  open_tables(L);
  opsh_open_values(L);
  opsh_open_secrets(L);
  opsh_open_errors(L);
  opsh_open_sandbox(L);
  run_prelude(L, lua_touserdata(L, 1));
  opsh_push_environment(L, &opsh_key_environment);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &opsh_key_session);
  const char *culprit = "";
  if (!opsh_sandbox_is_closed(L, &culprit)) return luaL_error(L, "the sandbox is not closed: %s", culprit);
  return 0;
}

static int panic(lua_State *L) {
  (void)L;
  fputs("opsh: Lua raised an error outside of a protected call\n", stderr);
  abort();
}

opsh_lua *opsh_lua_new(
    size_t memory_limit, const char *prelude, size_t prelude_length, char *message, size_t message_size) {
  opsh_lua *lua = calloc(1, sizeof *lua);
  if (lua != NULL) {
    lua->limit = memory_limit;
    lua->failing_after = -1;
    lua->L = lua_newstate(opsh_allocate, lua);
  }
  if (lua == NULL || lua->L == NULL) {
    free(lua);
    snprintf(message, message_size, "not enough memory");
    return NULL;
  }
  *(opsh_lua **)lua_getextraspace(lua->L) = lua;
  lua_atpanic(lua->L, panic);
  opsh_install_handler();
  struct prelude text = {prelude, prelude_length};
  lua_pushcfunction(lua->L, open);
  lua_pushlightuserdata(lua->L, &text);
  if (lua_pcall(lua->L, 1, 0, 0) == LUA_OK) return lua;
  bool is_text = lua_type(lua->L, -1) == LUA_TSTRING;
  snprintf(message, message_size, "%s", is_text ? lua_tostring(lua->L, -1) : "the prelude failed");
  opsh_lua_free(lua);
  return NULL;
}

void opsh_lua_free(opsh_lua *lua) {
  lua->failing_after = -1;
  lua_close(lua->L);
  opsh_values_clear(&lua->names);
  free(lua);
}

void opsh_lua_set_host(opsh_lua *lua, void *host, opsh_dispatch dispatch) {
  lua->host = host;
  lua->dispatch = dispatch;
}

struct binding {
  const char *path;
  int32_t function;
  bool awaits;
  const opsh_values *value;  // NULL for a function
};

static int bind(lua_State *L) {
  struct binding *binding = lua_touserdata(L, 1);
  lua_pushcfunction(L, opsh_bind);
  lua_pushstring(L, binding->path);
  lua_pushinteger(L, binding->function);
  lua_pushboolean(L, binding->awaits);
  int count = 3;
  if (binding->value != NULL) count += opsh_push_all(L, binding->value, 0);
  lua_call(L, count, 1);
  return 1;
}

static enum opsh_binding bound(opsh_lua *lua, struct binding binding) {
  lua_settop(lua->L, 0);
  lua_pushcfunction(lua->L, bind);
  lua_pushlightuserdata(lua->L, &binding);
  enum opsh_binding answer = OPSH_NO_MEMORY;
  if (lua_pcall(lua->L, 1, 1, 0) == LUA_OK) answer = lua_toboolean(lua->L, -1) ? OPSH_BOUND : OPSH_TAKEN;
  lua_settop(lua->L, 0);
  return answer;
}

enum opsh_binding opsh_lua_bind(opsh_lua *lua, const char *path, int32_t function, bool awaits) {
  return bound(lua, (struct binding){path, function, awaits, NULL});
}

enum opsh_binding opsh_lua_bind_value(opsh_lua *lua, const char *path, const opsh_values *value) {
  return bound(lua, (struct binding){path, 0, false, value});
}
