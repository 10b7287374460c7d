#ifndef OPSH_CLUABRIDGE_H
#define OPSH_CLUABRIDGE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The only door between Swift and Lua. It names no Lua type, so no Swift code can call a function that raises:
// a Lua error is a longjmp, and one that crosses a Swift frame corrupts memory.
//
// Everything here returns normally. Except where noted, call it on the thread that runs the state.

/// A Lua state with its sandbox.
typedef struct opsh_lua opsh_lua;
/// One chunk or function that runs in a coroutine of its own.
typedef struct opsh_run opsh_run;
/// A list of values in prefix order.
typedef struct opsh_values opsh_values;
/// A request to stop that other threads may make.
typedef struct opsh_stop opsh_stop;

// MARK: Values

enum opsh_tag {
  OPSH_NIL,
  OPSH_BOOL,
  OPSH_INT,
  OPSH_NUMBER,
  OPSH_STRING,
  OPSH_ARRAY,     // `integer` elements follow
  OPSH_TABLE,     // `integer` pairs follow, each an OPSH_STRING key and a value
  OPSH_UNKNOWN,   // two OPSH_STRING follow: why and origin
  OPSH_FUNCTION,  // `integer` is a reference; release it with opsh_lua_release
  OPSH_NULL,      // json.null: a null that a table can hold
  OPSH_SET,       // out of Lua: an OPSH_STRING follows, the folded text; only where a call is told sets from texts
  OPSH_HANDLE,    // into Lua: two OPSH_STRING follow, the kind and the name of what the prelude makes of them
  OPSH_SECRET,    // an OPSH_STRING follows: the name of a secret
};

typedef struct {
  enum opsh_tag tag;
  int64_t integer;
  double number;
  /// The bytes of a string; they live as long as the list is not changed.
  const char *bytes;
  size_t length;
} opsh_item;

opsh_values *opsh_values_new(void);
void opsh_values_free(opsh_values *values);
void opsh_values_reset(opsh_values *values);
size_t opsh_values_count(const opsh_values *values);
opsh_item opsh_values_at(const opsh_values *values, size_t index);
// These use malloc only. A list that ran out of memory says so when Lua takes it.
void opsh_values_add(opsh_values *values, enum opsh_tag tag, int64_t integer);
void opsh_values_add_number(opsh_values *values, double number);
void opsh_values_add_string(opsh_values *values, const void *bytes, size_t length);

// MARK: Calls from Lua

enum opsh_answer { OPSH_OK, OPSH_ERROR, OPSH_PENDING };

/// Ids of the calls the bridge itself makes; primitives count from 0.
enum opsh_service {
  OPSH_PRINT = -1,    // (text)
  OPSH_NEAREST = -2,  // (name, candidates) -> hint or nil
  OPSH_MODULE = -3,   // (name, is_tracing, authority) -> { source, chunk }
  OPSH_INEXACT = -4,  // (place, what[, default])
  OPSH_TRACE = -5,    // (source) -> the source with its decisions traced
  OPSH_EDITION = -6,  // () -> a number that is another one when the files of modules were changed
};

/// Answers one call: adds one value to `results` (or a table code, message, hint for OPSH_ERROR), or returns
/// OPSH_PENDING; then the run waits until opsh_run_resume. `authority` is whose code calls; 0 is the operator.
typedef enum opsh_answer (*opsh_dispatch)(
    void *host, int32_t function, int32_t authority, const opsh_values *arguments, opsh_values *results);

// MARK: State

/// Opens a sandboxed state, or answers NULL and puts the reason into `message`.
opsh_lua *opsh_lua_new(
    size_t memory_limit, const char *prelude, size_t prelude_length, char *message, size_t message_size);
void opsh_lua_free(opsh_lua *lua);
void opsh_lua_set_host(opsh_lua *lua, void *host, opsh_dispatch dispatch);

enum opsh_binding { OPSH_BOUND, OPSH_TAKEN, OPSH_NO_MEMORY };

/// Makes `path` ("fleet.exec") call `function`. A name that begins with "opsh_" is for the prelude alone.
enum opsh_binding opsh_lua_bind(opsh_lua *lua, const char *path, int32_t function, bool awaits);

/// Makes `path` ("json.null") name the one value in the list.
enum opsh_binding opsh_lua_bind_value(opsh_lua *lua, const char *path, const opsh_values *value);

/// Opens globals, library and primitives of their own for code that acts with this authority, a number above 0 that was
/// never used before. Primitives that are bound later get there too. False when there is no memory.
bool opsh_lua_open_authority(opsh_lua *lua, int32_t authority);
/// Forgets what was opened; code of the authority that still runs keeps what it holds.
void opsh_lua_close_authority(opsh_lua *lua, int32_t authority);

/// Names reachable under `path`, read raw: no metamethod runs. The last list is replaced by the next call.
const opsh_values *opsh_lua_names(opsh_lua *lua, const char *const *path, size_t count);

void opsh_lua_release(opsh_lua *lua, int64_t reference);
size_t opsh_lua_memory(const opsh_lua *lua);

/// Lets every allocation fail after `count` more; a negative count switches that off. For tests.
void opsh_lua_fail_after(opsh_lua *lua, int64_t count);

/// Compiles without running: true, or false with Lua's message. Any thread, needs no state.
bool opsh_lua_compiles(
    const char *prefix, const char *source, size_t length, const char *name, char *message, size_t message_size);

// MARK: Runs

enum opsh_stop_reason {
  OPSH_NOT_STOPPED,
  OPSH_CANCELLED,
  OPSH_OUT_OF_TIME,
  OPSH_OUT_OF_INSTRUCTIONS,
  OPSH_INEXACT_STOP,
  OPSH_CALLED_WHILE_LOADING,
  // Of a run with a budget:
  OPSH_OUT_OF_PROCESSOR,
  OPSH_PAST_DEADLINE,
  OPSH_OUT_OF_MEMORY,
};

opsh_stop *opsh_stop_new(void);
void opsh_stop_free(opsh_stop *stop);
/// Any thread. The first reason wins. Follow it with opsh_lua_wake.
void opsh_stop_request(opsh_stop *stop, enum opsh_stop_reason reason);
enum opsh_stop_reason opsh_stop_requested(const opsh_stop *stop);
/// Nanoseconds of processor time that the run with a budget has used, this turn included. Any thread, while the thread
/// of the state lives.
int64_t opsh_stop_busy(const opsh_stop *stop);
/// Makes Lua code that runs now look at its stop. Any thread.
void opsh_lua_wake(opsh_lua *lua);

enum opsh_kind {
  OPSH_PROMPT,  // the session's globals; an expression answers its values; locals of the chunk outlive it
  OPSH_SCRIPT,  // globals of its own
  OPSH_DATA,    // globals of its own, without primitives
  OPSH_TRUSTED, // a script of opsh itself: its argument is the table of primitives that scripts do not see
};

enum opsh_status { OPSH_DONE, OPSH_FAILED, OPSH_WAITING };

/// How values leave a run.
enum opsh_reading {
  OPSH_STRICT,      // only data
  OPSH_DECLARED,    // only data; a list may carry named fields, its positions then read as "1", "2", …
  OPSH_LENIENT,     // what is not data becomes its text
  OPSH_REFERENCES,  // as OPSH_DECLARED, and functions become references
};

/// `stop` must outlive the run; `instructions` <= 0 means no limit. NULL when there is no memory.
///
/// A tracing run looks for unknown values in what the library is given, and traces what it loads.
opsh_run *opsh_run_new(
    opsh_lua *lua, opsh_stop *stop, int64_t instructions, enum opsh_reading reading, bool is_tracing);
void opsh_run_free(opsh_run *run);
/// Before it starts: measures its processor time, and lets Lua's memory grow by `memory` bytes while it runs (0: no
/// limit).
void opsh_run_budget(opsh_run *run, size_t memory);
/// Before it starts: whatever it calls stops it.
void opsh_run_only_loads(opsh_run *run);
/// Why it was stopped.
enum opsh_stop_reason opsh_run_stopped(const opsh_run *run);

typedef struct {
  enum opsh_kind kind;
  const char *bytes;
  size_t length;
  /// As Lua names chunks: "@file" or "=text".
  const char *name;
  /// Whose globals it gets; 0 unless it is a script or trusted.
  int32_t authority;
  /// A single table: globals set before the chunk runs; or NULL.
  const opsh_values *globals;
} opsh_source;

enum opsh_status opsh_run_source(opsh_run *run, const opsh_source *source);
/// `authority` is whose function it is: handles among the arguments act with it.
enum opsh_status opsh_run_function(
    opsh_run *run, int64_t reference, int32_t authority, const opsh_values *arguments);
enum opsh_status opsh_run_resume(opsh_run *run, bool succeeded, const opsh_values *results);

/// After OPSH_DONE the results, after OPSH_FAILED one table code, message, hint, trace.
const opsh_values *opsh_run_results(const opsh_run *run);

/// Starts a thread of `stack` bytes that runs `body(context)` and is joined by nobody; answers 0 or an errno value.
/// The kernel keeps 15 bytes of the name (PR_SET_NAME in prctl(2)).
int opsh_thread_start(const char *name, size_t stack, void (*body)(void *), void *context);

#endif
