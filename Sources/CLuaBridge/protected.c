#include "bridge.h"

// Protected calls that a stop passes through, whose errors are tables with a trace.

#define HANDLED (-1)

static int finish(lua_State *L, int status, lua_KContext skipped) {
  if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - (int)skipped;
  opsh_of(L)->reserve_open = false;
  opsh_note_refusal(L, status);
  if (opsh_is_stopped(L)) return opsh_raise_stop(L);
  if (status != HANDLED) {
    opsh_normalize(L, status);
    opsh_unwrap_raised(L);
  }
  lua_pushboolean(L, 0);
  lua_insert(L, -2);
  return 2;
}

int opsh_pcall(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushcfunction(L, opsh_on_error);
  lua_pushboolean(L, 1);
  lua_rotate(L, 1, 2);  // handler, true, function, arguments
  return finish(L, lua_pcallk(L, lua_gettop(L) - 3, LUA_MULTRET, 1, 1, finish), 1);
}

// What the script's own handler returned stays as it is.
static int finish_handled(lua_State *L, int status, lua_KContext skipped) {
  return finish(L, status == LUA_ERRRUN && !opsh_is_stopped(L) ? HANDLED : status, skipped);
}

int opsh_user_handler(lua_State *L) {
  opsh_on_error(L);
  if (opsh_is_stopped(L)) return 1;
  opsh_unwrap_raised(L);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, 1, 1);
  return 1;
}

int opsh_xpcall(lua_State *L) {
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_pushvalue(L, 2);
  lua_pushcclosure(L, opsh_user_handler, 1);
  lua_replace(L, 2);
  lua_pushboolean(L, 1);
  lua_pushvalue(L, 1);
  lua_remove(L, 1);   // handler, arguments, true, function
  lua_rotate(L, 2, 2);  // handler, true, function, arguments
  return finish_handled(L, lua_pcallk(L, lua_gettop(L) - 3, LUA_MULTRET, 1, 1, finish_handled), 1);
}

static int finish_guard(lua_State *L, int status, lua_KContext skipped) {
  if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - (int)skipped;
  opsh_of(L)->reserve_open = false;
  opsh_note_refusal(L, status);
  if (opsh_is_stopped(L)) return opsh_raise_stop(L);
  opsh_normalize(L, status);
  return lua_error(L);
}

// The first function of every coroutine: its __close variables run while the coroutine can still wait, because
// Lua does not close them when an error leaves a coroutine.
int opsh_guard(lua_State *L) {
  lua_pushcfunction(L, opsh_on_error);
  lua_insert(L, 1);
  return finish_guard(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 1, 1, finish_guard), 1);
}
