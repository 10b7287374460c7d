#include <stdio.h>
#include <string.h>

#include "bridge.h"

// Unknown values: tables with why and origin under keys that no script has, and a metatable of the prelude.

static const char key_why, key_origin;

// An origin grows with every field that is read of it; a loop may not let it grow for ever.
#define MAX_ORIGIN 160

bool opsh_is_unknown(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TTABLE || !lua_getmetatable(L, index)) return false;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_unknown);
  bool is_unknown = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return is_unknown;
}

// Replaces why and origin on top by the value.
void opsh_make_unknown(lua_State *L) {
  lua_createtable(L, 0, 2);
  lua_insert(L, -3);
  lua_rawsetp(L, -3, &key_origin);
  lua_rawsetp(L, -2, &key_why);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_unknown);
  lua_setmetatable(L, -2);
}

// Pushes why and origin.
void opsh_push_parts(lua_State *L, int index) {
  index = lua_absindex(L, index);
  lua_rawgetp(L, index, &key_why);
  lua_rawgetp(L, index, &key_origin);
}

// Pushes "unknown (why)".
void opsh_push_unknown_text(lua_State *L, int index) {
  lua_rawgetp(L, index, &key_why);
  lua_pushfstring(L, "unknown (%s)", lua_tostring(L, -1));
  lua_replace(L, -2);
}

// Pushes the value that comes of an unknown one, for example its field.
void opsh_push_derived(lua_State *L, int index, const char *suffix) {
  index = lua_absindex(L, index);
  opsh_push_parts(L, index);
  size_t length;
  const char *origin = lua_tolstring(L, -1, &length);
  if (length + strlen(suffix) <= MAX_ORIGIN) {
    lua_pushfstring(L, "%s%s", origin, suffix);
    lua_replace(L, -2);
  }
  opsh_make_unknown(L);
}

// Writes "file:line" of the innermost line of a script, or else of any Lua function.
static void find_place(lua_State *L, char *place, size_t size) {
  lua_Debug frame;
  snprintf(place, size, "?");
  for (int level = 1; lua_getstack(L, level, &frame); level++) {
    lua_getinfo(L, "Sl", &frame);
    bool is_file = frame.source[0] == '@';
    if (frame.currentline <= 0 || (!is_file && place[0] != '?') || strcmp(frame.source, "=opsh") == 0) continue;
    snprintf(place, size, "%s:%d", frame.short_src, frame.currentline);
    if (is_file) return;
  }
}

// Stack: what[, default]. Tells Swift where a dry run depends on it, and leaves the place on top.
static void record(lua_State *L, int what, int fallback) {
  char place[LUA_IDSIZE + 16];
  find_place(L, place, sizeof place);
  lua_pushstring(L, place);
  lua_pushvalue(L, -1);
  lua_pushvalue(L, what);
  if (fallback != 0) lua_pushvalue(L, fallback);
  opsh_call_service(L, OPSH_INEXACT, fallback != 0 ? 3 : 2);
  lua_pop(L, 1);
}

// Ends the run; no pcall of a script keeps it going, since what it did then would be a guess. Place and message are
// on top.
static int stop(lua_State *L) {
  opsh_run *run = atomic_load(&opsh_of(L)->run);
  if (run == NULL)
    return opsh_raise(L, "plan.inexact", OPSH_INEXACT_HINT, "%s", lua_tostring(L, -1));
  snprintf(run->position, sizeof run->position, "%s", lua_tostring(L, -2));
  snprintf(run->message, sizeof run->message, "%s", lua_tostring(L, -1));
  opsh_stop_request(run->stop, OPSH_INEXACT_STOP);
  return opsh_raise_stop(L);
}

// Stops because of an unknown value that was used as `use` says.
int opsh_stop_unknown(lua_State *L, int index, const char *use) {
  index = lua_absindex(L, index);
  luaL_checkstack(L, 12, NULL);
  opsh_push_parts(L, index);
  const char *why = lua_tostring(L, -2), *origin = lua_tostring(L, -1);
  lua_pushfstring(L, "%s depends on %s: %s", use, origin, why);
  record(L, lua_gettop(L), 0);
  lua_pushfstring(
      L, "%s: the next step depends on %s, which is only known after it happened: %s (%s)", lua_tostring(L, -1), origin,
      why, use);
  return stop(L);
}

// Stops because a call failed with plan.inexact, whose message is on top; `is_new` when nobody recorded it yet.
int opsh_stop_inexact(lua_State *L, bool is_new) {
  int message = lua_gettop(L);
  if (is_new) {
    record(L, message, 0);
    lua_pushfstring(L, "%s: %s", lua_tostring(L, -1), lua_tostring(L, message));
  } else {
    char place[LUA_IDSIZE + 16];
    find_place(L, place, sizeof place);
    lua_pushstring(L, place);
    lua_pushvalue(L, message);
  }
  return stop(L);
}

// is_unknown(value)
static int is_unknown(lua_State *L) {
  lua_pushboolean(L, opsh_is_unknown(L, 1));
  return 1;
}

// derive(unknown, suffix)
static int derive(lua_State *L) {
  opsh_push_derived(L, 1, luaL_checkstring(L, 2));
  return 1;
}

// stop(unknown, use)
static int service_stop(lua_State *L) { return opsh_stop_unknown(L, 1, luaL_checkstring(L, 2)); }

// assume(unknown, default): records what a script assumes.
static int assume(lua_State *L) {
  lua_settop(L, 2);
  opsh_push_parts(L, 1);
  lua_pushfstring(L, "%s: %s", lua_tostring(L, -1), lua_tostring(L, -2));
  record(L, lua_gettop(L), 2);
  return 0;
}

// has(value, metamethod)
static int has(lua_State *L) {
  lua_pushboolean(L, luaL_getmetafield(L, 1, luaL_checkstring(L, 2)) != LUA_TNIL);
  return 1;
}

// computes(value): whether an __index of it is a function of a script; one of opsh's own changes nothing.
static int computes(lua_State *L) {
  lua_settop(L, 1);
  for (int depth = 0; depth < 100; depth++) {
    int type = luaL_getmetafield(L, -1, "__index");
    if (type != LUA_TTABLE) {
      lua_pushboolean(L, type == LUA_TFUNCTION && !lua_iscfunction(L, -1));
      return 1;
    }
    lua_replace(L, 1);
    lua_settop(L, 1);
  }
  lua_pushboolean(L, 1);
  return 1;
}

// kind(value): its type as Lua's own messages name it
static int kind(lua_State *L) {
  if (luaL_getmetafield(L, 1, "__name") != LUA_TSTRING) lua_pushstring(L, luaL_typename(L, 1));
  return 1;
}

// text(unknown)
static int text(lua_State *L) {
  opsh_push_unknown_text(L, 1);
  return 1;
}

static int mark_unknown(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &opsh_key_unknown);
  return 0;
}

const luaL_Reg opsh_unknown_services[] = {
    {"assume", assume}, {"computes", computes}, {"derive", derive}, {"has", has},           {"is_unknown", is_unknown},
    {"kind", kind},     {"stop", service_stop}, {"mark_unknown", mark_unknown}, {"text", text},
    {NULL, NULL},
};
