#include <stdarg.h>
#include <string.h>

#include "bridge.h"

#define MAX_TRACE 20

// Raises a table with code, message and hint; the handler below adds where.
int opsh_raise(lua_State *L, const char *code, const char *hint, const char *format, ...) {
  luaL_checkstack(L, 8, NULL);
  va_list arguments;
  va_start(arguments, format);
  lua_pushvfstring(L, format, arguments);
  va_end(arguments);
  lua_createtable(L, 0, 4);
  lua_pushliteral(L, "message");
  lua_pushvalue(L, -3);
  lua_rawset(L, -3);
  opsh_set_text(L, "code", code);
  if (hint != NULL) opsh_set_text(L, "hint", hint);
  opsh_set_error_metatable(L);
  return lua_error(L);
}

// Where the value with the stack's first index was raised: the lines of the script, innermost first.
void opsh_push_trace(lua_State *L) {
  lua_newtable(L);
  lua_Debug frame;
  lua_Integer count = 0;
  for (int level = 1; count < MAX_TRACE && lua_getstack(L, level, &frame); level++) {
    lua_getinfo(L, "Sln", &frame);
    if (frame.currentline <= 0 || strcmp(frame.source, "=opsh") == 0) continue;
    // Lua calls "?" what it has no name for.
    bool is_named = frame.name != NULL && strcmp(frame.name, "?") != 0 && strcmp(frame.what, "main") != 0;
    if (is_named)
      lua_pushfstring(L, "%s:%d in %s", frame.short_src, frame.currentline, frame.name);
    else
      lua_pushfstring(L, "%s:%d", frame.short_src, frame.currentline);
    lua_rawseti(L, -2, ++count);
  }
}

// lauxlib's buffers report a lack of memory as plain text.
static bool is_memory_text(lua_State *L) {
  static const char text[] = "not enough memory";
  size_t length, tail = sizeof text - 1;
  if (lua_type(L, 1) != LUA_TSTRING) return false;
  const char *message = lua_tolstring(L, 1, &length);
  return length >= tail && strcmp(message + length - tail, text) == 0;
}

// The message handler of every protected call: at this point the stack still says where.
int opsh_on_error(lua_State *L) {
  lua_settop(L, 1);
  if (opsh_is_stopped(L)) return 1;
  if (is_memory_text(L)) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_memory);
    return 1;
  }
  opsh_of(L)->reserve_open = true;
  if (opsh_is_unknown(L, 1)) opsh_push_unknown_text(L, 1), lua_replace(L, 1);
  if (opsh_push_hidden(L, 1)) {
    lua_settop(L, 1);
  } else {
    opsh_wrap_raised(L);
  }
  opsh_of(L)->reserve_open = false;
  return 1;
}

// Makes sure that the error on top is a table, also where no handler ran.
void opsh_normalize(lua_State *L, int status) {
  opsh_of(L)->reserve_open = false;
  if (status == LUA_ERRMEM) {
    lua_pop(L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_memory);
  } else if (!lua_istable(L, -1)) {
    opsh_wrap_raised(L);
  }
}

static int error_text(lua_State *L) {
  if (opsh_push_hidden(L, 1)) lua_replace(L, 1);
  lua_pushliteral(L, "message");
  if (lua_istable(L, 1) && lua_rawget(L, 1) != LUA_TNIL)
    luaL_tolstring(L, -1, NULL);
  else
    lua_pushliteral(L, "error");
  return 1;
}

static int concatenate(lua_State *L) {
  luaL_tolstring(L, 1, NULL);
  luaL_tolstring(L, 2, NULL);
  lua_concat(L, 2);
  return 1;
}

static void set_behaviour(lua_State *L) {
  opsh_set_text(L, "__name", "opsh.error");
  opsh_set_text(L, "__metatable", "opsh.error");
  lua_pushcfunction(L, error_text);
  lua_setfield(L, -2, "__tostring");
  lua_pushcfunction(L, concatenate);
  lua_setfield(L, -2, "__concat");
}

const struct opsh_stop_failure opsh_stop_failures[] = {
    [OPSH_CANCELLED] = {"call.cancelled", "cancelled", "cancelled", "cancelled", NULL, 0},
    [OPSH_OUT_OF_TIME] = {"call.timeout", "failed", NULL, "the script ran longer than it may", NULL, 0},
    [OPSH_OUT_OF_INSTRUCTIONS] = {
        "lua.instructions", "invalid", NULL, "the script ran more instructions than it may",
        "data files only describe; they do not compute", 0},
    [OPSH_INEXACT_STOP] = {
        "plan.inexact", "failed", "unpredictable", "the next step depends on something that is not known yet",
        OPSH_INEXACT_HINT, 3},
    [OPSH_CALLED_WHILE_LOADING] = {
        "plugin.loading", "invalid", "faulty", "a plugin must not call anything while it is loaded",
        "move the call into one of its functions", 0},
    [OPSH_OUT_OF_PROCESSOR] = {
        "plugin.time", "failed", "faulty", "the call used more processor time than it may", NULL, 0},
    [OPSH_PAST_DEADLINE] = {"plugin.time", "failed", "faulty", "the call took longer than it may", NULL, 0},
    [OPSH_OUT_OF_MEMORY] = {
        "plugin.memory", "failed", "faulty", "the call needed more memory than it may",
        "keep less at once: page through large results", 0},
};

static const struct opsh_stop_failure out_of_memory = {
    "lua.memory", "invalid", NULL, "not enough memory: the script reached its limit",
    "keep less at once: page through large results", 0};

// Errors that must be raised without an allocation are made beforehand, and scripts cannot change them.
static void push_prepared(lua_State *L, const struct opsh_stop_failure *failure) {
  lua_createtable(L, 0, 6);
  opsh_set_text(L, "code", failure->code);
  opsh_set_text(L, "class", failure->class);
  opsh_set_text(L, "message", failure->message);
  if (failure->mark != NULL) opsh_set_text(L, "mark", failure->mark);
  if (failure->hint != NULL) opsh_set_text(L, "hint", failure->hint);
  if (failure->exit_code != 0) {
    lua_pushinteger(L, failure->exit_code);
    lua_setfield(L, -2, "exit_code");
  }
  opsh_freeze(L, "opsh.error");
  lua_getmetatable(L, -1);
  set_behaviour(L);
  lua_pop(L, 1);
}

void opsh_open_errors(lua_State *L) {
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  opsh_set_text(L, "__mode", "k");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &opsh_key_traces);
  lua_newtable(L);
  set_behaviour(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &opsh_key_error);
  push_prepared(L, &out_of_memory);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &opsh_key_memory);
  lua_createtable(L, OPSH_OUT_OF_MEMORY, 0);
  for (int reason = OPSH_CANCELLED; reason <= OPSH_OUT_OF_MEMORY; reason++) {
    push_prepared(L, &opsh_stop_failures[reason]);
    lua_rawseti(L, -2, reason);
  }
  lua_rawsetp(L, LUA_REGISTRYINDEX, &opsh_key_stopped);
}

// Reads the error on top as a table of plain fields; raw, so no script code runs.
void opsh_read_failure(lua_State *L, opsh_values *values) {
  static const char *const fields[] = {"code", "class", "mark", "message", "hint", "exit_code"};
  static const int field_count = sizeof fields / sizeof *fields;
  if (opsh_push_hidden(L, -1)) lua_replace(L, -2);
  int error = lua_gettop(L);
  int64_t count = 1;
  for (int index = 0; index < field_count; index++) count += opsh_has_field(L, fields[index]);
  opsh_values_add(values, OPSH_TABLE, count);
  for (int index = 0; index < field_count; index++) {
    lua_pushstring(L, fields[index]);
    if (lua_rawget(L, error) == LUA_TNIL) {
      lua_pop(L, 1);
      continue;
    }
    if (!lua_isstring(L, -1)) {
      if (opsh_is_unknown(L, -1))
        opsh_push_unknown_text(L, -1);
      else
        lua_pushfstring(L, "<%s>", luaL_typename(L, -1));
      lua_replace(L, -2);
    }
    size_t length;
    const char *bytes = lua_tolstring(L, -1, &length);
    opsh_values_add_string(values, fields[index], strlen(fields[index]));
    opsh_values_add_string(values, bytes, length);
    lua_pop(L, 1);
  }
  opsh_values_add_string(values, "trace", 5);
  lua_pushliteral(L, "trace");
  lua_Integer lines = lua_rawget(L, error) == LUA_TTABLE ? (lua_Integer)lua_rawlen(L, -1) : 0;
  if (lines > MAX_TRACE) lines = MAX_TRACE;
  opsh_values_add(values, OPSH_ARRAY, lines);
  for (lua_Integer line = 1; line <= lines; line++) {
    lua_rawgeti(L, -1, line);
    size_t length = 1;
    const char *bytes = lua_isstring(L, -1) ? lua_tolstring(L, -1, &length) : "?";
    opsh_values_add_string(values, bytes, length);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}
