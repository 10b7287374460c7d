#include <stdio.h>

#include "bridge.h"

// Script coroutines that pass the requests of primitives outwards, and are seen by a stop.
// The registry remembers each: 0, or 1 while it waits for a primitive.

static const char request_marker;

bool opsh_is_request(lua_State *co, int count) {
  return count == 1 && lua_touserdata(co, -1) == (const void *)&request_marker;
}

// Yields to the driver, which resumes with (list of results, succeeded).
int opsh_wait(lua_State *L, lua_KContext context, lua_KFunction then) {
  lua_pushlightuserdata(L, (void *)&request_marker);
  return lua_yieldk(L, 1, context, then);
}

enum state { UNKNOWN = -1, IDLE, WAITS };

static enum state state_of(lua_State *L, int index) {
  lua_pushvalue(L, index);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_coroutines);
  lua_insert(L, -2);
  enum state state = lua_rawget(L, -2) == LUA_TNUMBER ? (enum state)lua_tointeger(L, -1) : UNKNOWN;
  lua_pop(L, 2);
  return state;
}

static void set_state(lua_State *L, int index, enum state state) {
  lua_pushvalue(L, index);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_coroutines);
  lua_insert(L, -2);
  lua_pushinteger(L, state);
  lua_rawset(L, -3);
  lua_pop(L, 1);
}

static lua_State *check_coroutine(lua_State *L, int index) {
  lua_State *co = lua_tothread(L, index);
  luaL_argexpected(L, co != NULL, index, "coroutine");
  return co;
}

static int create(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  lua_State *co = lua_newthread(L);
  lua_pushcfunction(co, opsh_guard);
  lua_pushvalue(L, 1);
  lua_xmove(L, co, 1);
  set_state(L, 2, IDLE);
  return 1;
}

static int relay_again(lua_State *L, int status, lua_KContext is_wrap);

static int fail(lua_State *L, bool is_wrap) {
  if (is_wrap) return lua_error(L);
  opsh_unwrap_raised(L);
  lua_pushboolean(L, 0);
  lua_insert(L, -2);
  return 2;
}

// It then holds the guard and the function; a dead one holds nothing, a running one has a frame.
static bool has_not_started(lua_State *co) {
  lua_Debug frame;
  return lua_status(co) == LUA_OK && lua_gettop(co) == 2 && !lua_getstack(co, 0, &frame);
}

// Stack: coroutine, arguments. A primitive called inside makes the caller wait too.
static int relay(lua_State *L, bool is_wrap) {
  opsh_lua *lua = opsh_of(L);
  lua_State *co = lua_tothread(L, 1);
  int count = lua_gettop(L) - 1;
  if (!lua_checkstack(co, count + 2)) return luaL_error(L, "too many arguments to resume");
  bool starts = has_not_started(co);
  lua_xmove(L, co, count);
  if (starts) count += 1;  // the function is the guard's first argument
  bool could_await = lua->can_await;
  if (could_await && !lua_isyieldable(L)) {
    lua->can_await = false;
    opsh_note_culprit(L);
  }
  opsh_enter(lua, co);
  int results = 0;
  int status = lua_resume(co, L, count, &results);
  opsh_enter(lua, L);
  lua->can_await = could_await;
  if (status == LUA_YIELD && opsh_is_request(co, results)) {
    lua_pop(co, results);
    set_state(L, 1, WAITS);
    return opsh_wait(L, is_wrap, relay_again);
  }
  if (status != LUA_OK && status != LUA_YIELD) {
    opsh_note_refusal(L, status);
    if (opsh_is_stopped(L)) return opsh_raise_stop(L);
    lua_xmove(co, L, 1);
    opsh_normalize(L, status);
    return fail(L, is_wrap);
  }
  if (!lua_checkstack(L, results + 1)) {
    lua_pop(co, results);
    return luaL_error(L, "too many results to resume");
  }
  if (!is_wrap) lua_pushboolean(L, 1);
  lua_xmove(co, L, results);
  return results + !is_wrap;
}

static int relay_again(lua_State *L, int status, lua_KContext is_wrap) {
  (void)status;
  set_state(L, 1, IDLE);
  return relay(L, is_wrap != 0);
}

static int start(lua_State *L, bool is_wrap) {
  switch (state_of(L, 1)) {
    case IDLE: return relay(L, is_wrap);
    case WAITS: lua_pushliteral(L, "cannot resume a coroutine that waits for a primitive"); break;
    default: lua_pushliteral(L, "cannot resume a coroutine that the script did not create");
  }
  opsh_normalize(L, LUA_ERRRUN);
  return fail(L, is_wrap);
}

int opsh_resume(lua_State *L) {
  check_coroutine(L, 1);
  return start(L, false);
}

int opsh_wrapped(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  return start(L, true);
}

static int wrap(lua_State *L) {
  create(L);
  lua_pushcclosure(L, opsh_wrapped, 1);
  return 1;
}

static lua_State *main_coroutine(lua_State *L) {
  opsh_run *run = atomic_load(&opsh_of(L)->run);
  return run == NULL ? NULL : run->co;
}

static int yield(lua_State *L) {
  if (L == main_coroutine(L))
    return opsh_raise(
        L, "lua.yield", "create a coroutine and yield inside it", "coroutine.yield was called outside of a coroutine");
  if (!lua_isyieldable(L)) {
    opsh_note_culprit(L);
    return opsh_raise(L, "lua.yield", NULL, "cannot yield inside '%s'", opsh_of(L)->culprit);
  }
  return lua_yield(L, lua_gettop(L));
}

static int status(lua_State *L) {
  lua_State *co = check_coroutine(L, 1);
  lua_Debug frame;
  const char *name = "dead";
  if (co == L) {
    name = "running";
  } else if (state_of(L, 1) != IDLE) {
    name = "normal";
  } else if (lua_status(co) == LUA_YIELD) {
    name = "suspended";
  } else if (lua_status(co) == LUA_OK) {
    if (lua_getstack(co, 0, &frame))
      name = "normal";
    else if (lua_gettop(co) > 0)
      name = "suspended";
  }
  lua_pushstring(L, name);
  return 1;
}

static int running(lua_State *L) {
  lua_pushthread(L);
  lua_pushboolean(L, L == main_coroutine(L));
  return 2;
}

static int isyieldable(lua_State *L) {
  lua_pushboolean(L, L != main_coroutine(L) && lua_isyieldable(L));
  return 1;
}

static int reset(lua_State *co, lua_State *from) {
#if LUA_VERSION_RELEASE_NUM >= 50406
  return lua_closethread(co, from);
#else
  (void)from;
  return lua_resetthread(co);
#endif
}

static int close_coroutine(lua_State *L) {
  opsh_lua *lua = opsh_of(L);
  lua_State *co = check_coroutine(L, 1);
  lua_Debug frame;
  bool is_active = co == L || (lua_status(co) == LUA_OK && lua_getstack(co, 0, &frame));
  if (state_of(L, 1) != IDLE || is_active) return luaL_error(L, "cannot close a coroutine that is not suspended");
  bool could_await = lua->can_await;
  lua->can_await = false;
  snprintf(lua->culprit, sizeof lua->culprit, "coroutine.close");
  opsh_enter(lua, co);
  int status = reset(co, L);
  opsh_enter(lua, L);
  lua->can_await = could_await;
  if (status == LUA_OK) {
    lua_pushboolean(L, 1);
    return 1;
  }
  if (opsh_is_stopped(L)) return opsh_raise_stop(L);
  lua_xmove(co, L, 1);
  opsh_normalize(L, status);
  return fail(L, false);
}

const luaL_Reg opsh_coroutine_functions[] = {
    {"close", close_coroutine}, {"create", create},   {"isyieldable", isyieldable}, {"resume", opsh_resume},
    {"running", running},       {"status", status},   {"wrap", wrap},               {"yield", yield},
    {NULL, NULL},
};
