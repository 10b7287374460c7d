#include <stdlib.h>
#include <string.h>

#include "bridge.h"

opsh_run *opsh_run_new(
    opsh_lua *lua, opsh_stop *stop, int64_t instructions, enum opsh_reading reading, bool is_tracing) {
  opsh_run *run = calloc(1, sizeof *run);
  if (run == NULL) return NULL;
  run->lua = lua;
  run->stop = stop;
  run->is_limited = instructions > 0;
  run->instructions = instructions;
  run->reading = reading;
  run->is_tracing = is_tracing;
  run->reference = LUA_NOREF;
  return run;
}

void opsh_run_budget(opsh_run *run, size_t memory) {
  run->is_budgeted = true;
  run->memory = memory;
}

void opsh_run_only_loads(opsh_run *run) { run->is_loading = true; }

static void forget(opsh_run *run) {
  luaL_unref(run->lua->L, LUA_REGISTRYINDEX, run->reference);
  run->reference = LUA_NOREF;
  run->co = NULL;
}

void opsh_run_free(opsh_run *run) {
  if (run == NULL) return;
  forget(run);
  opsh_values_clear(&run->results);
  free(run);
}

const opsh_values *opsh_run_results(const opsh_run *run) { return &run->results; }

// Adds a field to the failure that the results begin with.
static void add_field(opsh_run *run, const char *name, const char *text) {
  if (text == NULL) return;
  run->results.items[0].integer += 1;
  opsh_values_add_string(&run->results, name, strlen(name));
  opsh_values_add_string(&run->results, text, strlen(text));
}

static void set_failure(opsh_run *run, const char *code, const char *message) {
  opsh_values_clear(&run->results);
  opsh_values_add(&run->results, OPSH_TABLE, 0);
  add_field(run, "code", code);
  add_field(run, "message", message);
}

static int read_failure(lua_State *L) {
  opsh_run *run = lua_touserdata(L, 1);
  opsh_normalize(L, LUA_ERRRUN);
  opsh_read_failure(L, &run->results);
  return 0;
}

// Takes the error from the main stack.
static void fail(opsh_run *run, int status) {
  lua_State *L = run->lua->L;
  opsh_values_clear(&run->results);
  if (status == LUA_ERRMEM) {
    set_failure(run, "lua.memory", "not enough memory: the script reached its limit");
  } else {
    lua_pushcfunction(L, read_failure);
    lua_pushlightuserdata(L, run);
    lua_rotate(L, -3, 2);
    run->lua->reserve_open = true;
    if (lua_pcall(L, 2, 0, 0) != LUA_OK)
      set_failure(run, "lua.memory", "not enough memory: the script reached its limit");
    run->lua->reserve_open = false;
  }
  lua_settop(L, 0);
}

static void fail_stopped(opsh_run *run) {
  enum opsh_stop_reason reason = opsh_stop_of(run);
  const struct opsh_stop_failure *failure = &opsh_stop_failures[reason];
  set_failure(run, failure->code, run->message[0] != 0 ? run->message : failure->message);
  add_field(run, "class", failure->class);
  add_field(run, "mark", failure->mark);
  if (reason >= OPSH_INEXACT_STOP) add_field(run, "hint", failure->hint);
  if (failure->exit_code != 0) {
    run->results.items[0].integer += 1;
    opsh_values_add_string(&run->results, "exit_code", 9);
    opsh_values_add(&run->results, OPSH_INT, failure->exit_code);
  }
  if (run->position[0] == 0) return;
  run->results.items[0].integer += 1;
  opsh_values_add_string(&run->results, "trace", 5);
  opsh_values_add(&run->results, OPSH_ARRAY, 1);
  opsh_values_add_string(&run->results, run->position, strlen(run->position));
}

static int read_results(lua_State *L) {
  opsh_run *run = lua_touserdata(L, 1);
  struct opsh_reader reader = {
      .L = L, .values = &run->results, .mode = run->reading, .subject = "the result", .room = run->memory};
  for (int index = 2; index <= lua_gettop(L); index++) opsh_read(&reader, index);
  return 0;
}

static void release_references(opsh_run *run) {
  for (size_t index = 0; index < run->results.count; index++)
    if (run->results.items[index].tag == OPSH_FUNCTION)
      luaL_unref(run->lua->L, LUA_REGISTRYINDEX, (int)run->results.items[index].integer);
}

static enum opsh_status finish(opsh_run *run, int count) {
  lua_State *L = run->lua->L;
  opsh_values_clear(&run->results);
  lua_settop(L, 0);
  if (!lua_checkstack(L, count + 4)) {
    set_failure(run, "lua.error", "too many results");
    return OPSH_FAILED;
  }
  lua_pushcfunction(L, read_results);
  lua_pushlightuserdata(L, run);
  lua_xmove(run->co, L, count);
  int status = lua_pcall(L, count + 1, 0, 0);
  forget(run);
  if (status == LUA_OK && !run->results.failed) return OPSH_DONE;
  release_references(run);
  fail(run, status == LUA_OK ? LUA_ERRMEM : status);
  return OPSH_FAILED;
}

static void begin_turn(opsh_run *run) {
  opsh_open_turn(run);
  if (!run->is_budgeted) return;
  clockid_t clock;
  if (pthread_getcpuclockid(pthread_self(), &clock) != 0) return;
  atomic_store(&run->stop->clock, clock);
  atomic_store(&run->stop->since, opsh_thread_time());
}

static void end_turn(opsh_run *run) {
  opsh_close_turn(run);
  int64_t since = atomic_exchange(&run->stop->since, -1);
  if (since >= 0) atomic_fetch_add(&run->stop->busy, opsh_thread_time() - since);
}

static enum opsh_status drive(opsh_run *run, int count) {
  opsh_lua *lua = run->lua;
  int results = 0;
  lua->can_await = true;
  opsh_set_current(lua);
  atomic_store(&lua->run, run);
  if (run->is_tracing) opsh_set_tracing(lua->L, true);
  begin_turn(run);
  opsh_enter(lua, run->co);
  int status = lua_resume(run->co, lua->L, count, &results);
  opsh_enter(lua, NULL);
  end_turn(run);
  if (run->is_tracing) opsh_set_tracing(lua->L, false);
  atomic_store(&lua->run, NULL);
  opsh_set_current(NULL);
  lua->reserve_open = false;
  if (status == LUA_YIELD) {  // scripts cannot yield here: ours is the only kind
    lua_pop(run->co, results);
    return OPSH_WAITING;
  }
  if (status == LUA_OK) return finish(run, results);
  if (opsh_stop_of(run) != OPSH_NOT_STOPPED) {
    fail_stopped(run);
  } else {
    lua_settop(lua->L, 0);
    if (status == LUA_ERRMEM)
      lua_pushnil(lua->L);
    else
      lua_xmove(run->co, lua->L, 1);
    fail(run, status);
  }
  forget(run);
  return OPSH_FAILED;
}

// Leaves a new coroutine on the stack, ready to take a function.
static void create(lua_State *L, opsh_run *run) {
  run->co = lua_newthread(L);
  run->reference = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_pushcfunction(run->co, opsh_guard);
}

static const char capture_prefix[] = "local _session <close> = ...; ";

struct pieces {
  const char *text[2];
  size_t length[2];
  int next;
};

static const char *read_pieces(lua_State *L, void *context, size_t *length) {
  (void)L;
  struct pieces *pieces = context;
  while (pieces->next < 2 && pieces->length[pieces->next] == 0) pieces->next += 1;
  if (pieces->next == 2) return *length = 0, NULL;
  *length = pieces->length[pieces->next];
  return pieces->text[pieces->next++];
}

static int compile(lua_State *L, const char *prefix, const opsh_source *source) {
  struct pieces pieces = {{prefix, source->bytes}, {strlen(prefix), source->length}, 0};
  return lua_load(L, read_pieces, &pieces, source->name, "t");
}

static int raise_syntax(lua_State *L) {
  const char *message = lua_tostring(L, -1);
  lua_createtable(L, 0, 3);
  // "file:3: …": the position is the whole trace.
  const char *end = strstr(message, ": ");
  for (; end != NULL; end = strstr(end + 1, ": ")) {
    const char *digit = end;
    while (digit > message && digit[-1] >= '0' && digit[-1] <= '9') digit--;
    if (digit < end && digit > message && digit[-1] == ':') break;
  }
  if (end != NULL) {
    lua_createtable(L, 1, 0);
    lua_pushlstring(L, message, (size_t)(end - message));
    lua_rawseti(L, -2, 1);
    lua_setfield(L, -2, "trace");
  }
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, "message");
  lua_pushliteral(L, "lua.syntax");
  lua_setfield(L, -2, "code");
  lua_pushliteral(L, "syntax");
  lua_setfield(L, -2, "mark");
  return lua_error(L);
}

struct beginning {
  opsh_run *run;
  const opsh_source *source;
  int64_t reference;
  int32_t authority;
  const opsh_values *arguments;
  int count;
};

static int begin_source(lua_State *L) {
  struct beginning *beginning = lua_touserdata(L, 1);
  const opsh_source *source = beginning->source;
  bool captures = false;
  int status = LUA_ERRSYNTAX;
  if (source->kind == OPSH_PROMPT) {
    status = compile(L, "return ", source);
    if (status == LUA_ERRSYNTAX) {
      lua_pop(L, 1);
      captures = true;
      status = compile(L, capture_prefix, source);
    }
  } else {
    status = compile(L, "", source);
  }
  if (status == LUA_ERRSYNTAX) return raise_syntax(L);
  if (status != LUA_OK) return lua_error(L);
  int chunk = lua_gettop(L);
  if (source->kind == OPSH_PROMPT)
    lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_session);
  else if (source->authority == 0)
    opsh_push_environment(L, source->kind == OPSH_DATA ? &opsh_key_data : &opsh_key_environment);
  else if (!opsh_push_own(L, source->authority, OPSH_OWN_GLOBALS))
    return luaL_error(L, "the plugin is no longer loaded");
  if (source->globals != NULL) {
    opsh_push_all(L, source->globals, source->authority);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
      lua_pushvalue(L, -2);
      lua_pushvalue(L, -2);
      lua_rawset(L, chunk + 1);
    }
    lua_pop(L, 1);
  }
  lua_setupvalue(L, chunk, 1);
  bool is_trusted = source->kind == OPSH_TRUSTED;
  if (captures) opsh_push_capture(L);
  if (is_trusted) lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_internal);
  create(L, beginning->run);
  beginning->count = 1 + captures + is_trusted;
  lua_xmove(L, beginning->run->co, beginning->count);
  return 0;
}

static int begin_function(lua_State *L) {
  struct beginning *beginning = lua_touserdata(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, beginning->reference);
  int count = 1 + opsh_push_all(L, beginning->arguments, beginning->authority);
  create(L, beginning->run);
  if (!lua_checkstack(beginning->run->co, count + 2)) return luaL_error(L, "too many arguments");
  lua_xmove(L, beginning->run->co, count);
  beginning->count = count;
  return 0;
}

static enum opsh_status begin(struct beginning *beginning, lua_CFunction body) {
  opsh_run *run = beginning->run;
  lua_State *L = run->lua->L;
  lua_settop(L, 0);
  lua_pushcfunction(L, body);
  lua_pushlightuserdata(L, beginning);
  int status = lua_pcall(L, 1, 0, 0);
  if (status == LUA_OK) return drive(run, beginning->count);
  fail(run, status);
  return OPSH_FAILED;
}

enum opsh_status opsh_run_source(opsh_run *run, const opsh_source *source) {
  struct beginning beginning = {.run = run, .source = source};
  return begin(&beginning, begin_source);
}

enum opsh_status opsh_run_function(
    opsh_run *run, int64_t reference, int32_t authority, const opsh_values *arguments) {
  struct beginning beginning = {
      .run = run, .reference = reference, .authority = authority, .arguments = arguments};
  return begin(&beginning, begin_function);
}

enum opsh_status opsh_run_resume(opsh_run *run, bool succeeded, const opsh_values *results) {
  if (run->co == NULL) return OPSH_FAILED;
  lua_pushlightuserdata(run->co, (void *)results);  // lua_yield left room for it
  lua_pushboolean(run->co, succeeded);
  return drive(run, 2);
}

void opsh_lua_release(opsh_lua *lua, int64_t reference) { luaL_unref(lua->L, LUA_REGISTRYINDEX, (int)reference); }
