#ifndef OPSH_BRIDGE_H
#define OPSH_BRIDGE_H
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <pthread.h>
#include <stdatomic.h>

#include "CLuaBridge.h"

// Shared by the C files of the bridge; Swift never sees this.

struct opsh_values {
  opsh_item *items;
  size_t count, capacity;
  char *bytes;  // copied strings; an item that owns one holds its offset in `integer`
  size_t used, size;
  bool failed;
};

struct opsh_stop {
  _Atomic int reason;
  // Processor time in nanoseconds: of the finished turns, and of the thread when this turn began (-1 between turns).
  _Atomic int64_t busy, since;
  _Atomic clockid_t clock;
};

struct opsh_lua {
  lua_State *L;
  void *host;
  opsh_dispatch dispatch;

  // Memory, counted on the one thread that runs the state.
  size_t limit, used;
  bool reserve_open;
  int64_t failing_after;
  // What the run that has the thread may still grow by; counted from the least memory held since its turn began.
  size_t ceiling, room, refused;

  // Written by this thread, read by its signal handler.
  _Atomic(lua_State *) running;
  _Atomic(opsh_run *) run;
  // Written by this thread, read by threads that cancel.
  _Atomic bool is_attached;
  _Atomic(pthread_t) thread;

  bool can_await;
  char culprit[64];
  struct opsh_values names;
};

struct opsh_run {
  opsh_lua *lua;
  opsh_stop *stop;
  lua_State *co;
  int reference;
  enum opsh_reading reading;
  bool is_limited, is_exhausted;
  int64_t instructions;
  bool is_budgeted, is_loading;
  size_t memory;
  int64_t grown;
  bool was_raised;
  int grace;
  char position[LUA_IDSIZE + 16];
  bool is_tracing;
  char message[512];  // of a stop that explains itself
  struct opsh_values results;
};

static inline opsh_lua *opsh_of(lua_State *L) { return *(opsh_lua **)lua_getextraspace(L); }

// Keys of the registry, by address.
extern const char opsh_key_base, opsh_key_data, opsh_key_session, opsh_key_environment, opsh_key_internal, opsh_key_names,
    opsh_key_coroutines, opsh_key_error, opsh_key_values, opsh_key_set, opsh_key_hidden, opsh_key_memory, opsh_key_stopped, opsh_key_capture,
    opsh_key_unknown, opsh_key_traced, opsh_key_operators, opsh_key_raised, opsh_key_traces, opsh_key_authorities,
    opsh_key_own, opsh_key_makers, opsh_key_null, opsh_key_list, opsh_key_handle, opsh_key_secret, opsh_key_secrets;

// allocation.c
void *opsh_allocate(void *lua, void *block, size_t old_size, size_t new_size);
void opsh_open_turn(opsh_run *run);
void opsh_close_turn(opsh_run *run);

// values.c
opsh_values *opsh_push_values(lua_State *L);
void opsh_values_clear(opsh_values *values);
void opsh_open_values(lua_State *L);
bool opsh_is_list(lua_State *L, int index);
void opsh_push(lua_State *L, const opsh_values *values, size_t *index, lua_Integer authority);
int opsh_push_all(lua_State *L, const opsh_values *values, lua_Integer authority);

// secrets.c
void opsh_open_secrets(lua_State *L);
void opsh_push_secret(lua_State *L, const char *name, size_t length);
bool opsh_push_secret_name(lua_State *L, int index);

// reading.c
struct opsh_reader {
  lua_State *L;
  opsh_values *values;
  enum opsh_reading mode;
  const char *subject;  // "argument 2 of fleet.exec", the first words of a complaint
  bool tells_sets;      // a set is no string
  size_t room;          // bytes that the list may take, as far as the budget of a run says; 0: no such limit
  int depth;
  struct {
    const char *name;
    lua_Integer index;
  } path[64];
};
void opsh_read(struct opsh_reader *reader, int index);

// errors.c
void opsh_open_errors(lua_State *L);
int opsh_raise(lua_State *L, const char *code, const char *hint, const char *format, ...);
int opsh_on_error(lua_State *L);
void opsh_push_trace(lua_State *L);
void opsh_normalize(lua_State *L, int status);
void opsh_read_failure(lua_State *L, opsh_values *values);

// raised.c
void opsh_set_error_metatable(lua_State *L);
void opsh_set_text(lua_State *L, const char *name, const char *text);
bool opsh_has_field(lua_State *L, const char *name);
void opsh_wrap_raised(lua_State *L);
void opsh_unwrap_raised(lua_State *L);

// stopping.c
enum opsh_stop_reason opsh_stop_of(const opsh_run *run);
void opsh_install_handler(void);
void opsh_enter(opsh_lua *lua, lua_State *L);
void opsh_set_current(opsh_lua *lua);
int opsh_raise_stop(lua_State *L);
int opsh_stop_now(lua_State *L, enum opsh_stop_reason reason, const char *message);
void opsh_stop_for_memory(opsh_lua *lua);
void opsh_note_refusal(lua_State *L, int status);
int64_t opsh_thread_time(void);

// What a run fails with when it is stopped, by enum opsh_stop_reason: the fields of a failure.
struct opsh_stop_failure {
  const char *code, *class, *mark, *message, *hint;
  int exit_code;  // 0: that of the class
};
extern const struct opsh_stop_failure opsh_stop_failures[];
bool opsh_is_stopped(lua_State *L);
void opsh_charge(lua_State *L, int64_t steps);
void opsh_check_stop(lua_State *L);

// protected.c
int opsh_guard(lua_State *L);
int opsh_pcall(lua_State *L);
int opsh_xpcall(lua_State *L);
int opsh_user_handler(lua_State *L);

// coroutines.c
extern const luaL_Reg opsh_coroutine_functions[];
bool opsh_is_request(lua_State *co, int count);
int opsh_wait(lua_State *L, lua_KContext context, lua_KFunction then);
int opsh_wrapped(lua_State *L);
int opsh_resume(lua_State *L);

// primitives.c
int opsh_bind(lua_State *L);
int opsh_trampoline(lua_State *L);
int opsh_call_service(lua_State *L, int32_t service, int arguments);
void opsh_require_awaitable(lua_State *L, const char *name);
void opsh_note_culprit(lua_State *L);
const char *opsh_primitive_name(lua_State *L, int index);
void opsh_rebind(lua_State *L, int index, lua_Integer authority);
void opsh_rebind_call(lua_State *L, int index, lua_Integer authority);
void opsh_refuse_loading(lua_State *L, const char *name);

// authority.c
extern const luaL_Reg opsh_authority_services[];
enum opsh_own { OPSH_OWN_BASE = 1, OPSH_OWN_GLOBALS, OPSH_OWN_TRACED, OPSH_OWN_HANDLE };
bool opsh_push_own(lua_State *L, lua_Integer authority, enum opsh_own part);
bool opsh_is_own_globals(lua_State *L, int index);

// frozen.c
void opsh_freeze(lua_State *L, const char *name);
bool opsh_push_hidden(lua_State *L, int index);
int opsh_missing(lua_State *L);

// globals.c
void opsh_push_environment(lua_State *L, const void *parent);
void opsh_set_globals(lua_State *L);
bool opsh_push_caller_environment(lua_State *L);
int opsh_undefined(lua_State *L);
int opsh_define(lua_State *L);
int opsh_load(lua_State *L);
int opsh_compile(lua_State *L);

// unknown.c
#define OPSH_INEXACT_HINT "`unwrap(value, default)` says what a plan should assume"
extern const luaL_Reg opsh_unknown_services[];
bool opsh_is_unknown(lua_State *L, int index);
void opsh_make_unknown(lua_State *L);
void opsh_push_parts(lua_State *L, int index);
void opsh_push_unknown_text(lua_State *L, int index);
void opsh_push_derived(lua_State *L, int index, const char *suffix);
int opsh_stop_unknown(lua_State *L, int index, const char *use);
int opsh_stop_inexact(lua_State *L, bool is_new);

// tracing.c
#define OPSH_OPERATORS "\0opsh"
extern const luaL_Reg opsh_tracing_services[];
void opsh_push_traced(lua_State *L, int base);
void opsh_set_tracing(lua_State *L, bool is_tracing);
bool opsh_is_tracing(lua_State *L);

// sandbox.c
bool opsh_is_set(lua_State *L, int index);
void opsh_push_globals_metatable(lua_State *L);
void opsh_note_name(lua_State *L, const char *library, const char *name);
void opsh_open_sandbox(lua_State *L);
bool opsh_sandbox_is_closed(lua_State *L, const char **culprit);

// bounded.c, patterns.c
extern const luaL_Reg opsh_table_functions[], opsh_string_functions[];
int opsh_string_rep(lua_State *L);

// locals.c
int opsh_push_capture(lua_State *L);

#endif
