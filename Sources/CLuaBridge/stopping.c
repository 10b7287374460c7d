#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bridge.h"

// Stopping costs nothing while nobody asks for it: no hook is set until SIGUSR2 reaches the Lua thread, and its
// handler touches only atomics and lua_sethook (ldebug.c allows that from a signal).

#define STRIDE 1000
// After the stop was raised, __close variables may still run this many strides.
#define GRACE 100

static _Thread_local opsh_lua *current __attribute__((tls_model("initial-exec")));

opsh_stop *opsh_stop_new(void) {
  opsh_stop *stop = calloc(1, sizeof(opsh_stop));
  if (stop != NULL) atomic_store(&stop->since, -1);
  return stop;
}

void opsh_stop_free(opsh_stop *stop) { free(stop); }

void opsh_stop_request(opsh_stop *stop, enum opsh_stop_reason reason) {
  int none = OPSH_NOT_STOPPED;
  atomic_compare_exchange_strong(&stop->reason, &none, (int)reason);
}

enum opsh_stop_reason opsh_stop_requested(const opsh_stop *stop) {
  return (enum opsh_stop_reason)atomic_load(&((opsh_stop *)stop)->reason);
}

static int64_t time_of(clockid_t clock) {
  struct timespec time;
  if (clock_gettime(clock, &time) != 0) return 0;
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t opsh_thread_time(void) { return time_of(CLOCK_THREAD_CPUTIME_ID); }

int64_t opsh_stop_busy(const opsh_stop *stop) {
  opsh_stop *read = (opsh_stop *)stop;
  int64_t busy = atomic_load(&read->busy), since = atomic_load(&read->since);  // in this order: no turn counts twice
  if (since < 0) return busy;
  int64_t now = time_of(atomic_load(&read->clock));
  return now > since ? busy + now - since : busy;
}

enum opsh_stop_reason opsh_stop_of(const opsh_run *run) {
  if (run == NULL) return OPSH_NOT_STOPPED;
  enum opsh_stop_reason reason = opsh_stop_requested(run->stop);
  if (reason == OPSH_NOT_STOPPED && run->is_exhausted)
    return run->is_budgeted ? OPSH_OUT_OF_PROCESSOR : OPSH_OUT_OF_INSTRUCTIONS;
  return reason;
}

enum opsh_stop_reason opsh_run_stopped(const opsh_run *run) { return opsh_stop_of(run); }

static void note_position(lua_State *L, opsh_run *run) {
  lua_Debug frame;
  for (int level = 0; lua_getstack(L, level, &frame); level++) {
    lua_getinfo(L, "Sl", &frame);
    if (frame.currentline <= 0 || strcmp(frame.source, "=opsh") == 0) continue;
    snprintf(run->position, sizeof run->position, "%s:%d", frame.short_src, frame.currentline);
    return;
  }
}

int opsh_raise_stop(lua_State *L) {
  opsh_run *run = atomic_load(&opsh_of(L)->run);
  if (run->position[0] == 0) note_position(L, run);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_stopped);
  lua_rawgeti(L, -1, opsh_stop_of(run));
  return lua_error(L);
}

bool opsh_is_stopped(lua_State *L) {
  return opsh_stop_of(atomic_load(&opsh_of(L)->run)) != OPSH_NOT_STOPPED;
}

static void hook(lua_State *L, lua_Debug *event) {
  opsh_run *run = atomic_load(&opsh_of(L)->run);
  if (run != NULL && run->is_limited && !run->is_exhausted && event->event == LUA_HOOKCOUNT) {
    run->instructions -= STRIDE;
    run->is_exhausted = run->instructions <= 0;
  }
  if (opsh_stop_of(run) == OPSH_NOT_STOPPED) {
    if (run != NULL && run->is_limited) return;
    lua_sethook(L, NULL, 0, 0);  // left over from an earlier run
    // The handler may have set its hook just before this line removed it.
    if (opsh_stop_of(run) == OPSH_NOT_STOPPED) return;
  }
  if (!run->was_raised) {
    run->was_raised = true;
    run->grace = GRACE;
  } else if (run->grace > 0) {
    run->grace -= 1;
    lua_sethook(L, hook, LUA_MASKCOUNT, STRIDE);
    return;
  }
  // From now on every instruction raises, unless grace lets __close variables run.
  lua_sethook(L, hook, LUA_MASKCOUNT, run->grace > 0 ? STRIDE : 1);
  opsh_raise_stop(L);
}

// Stops the run from inside, whatever pcall surrounds this; __close variables still run for a while. Allocates nothing.
int opsh_stop_now(lua_State *L, enum opsh_stop_reason reason, const char *message) {
  opsh_run *run = atomic_load(&opsh_of(L)->run);
  if (message != NULL) snprintf(run->message, sizeof run->message, "%s", message);
  opsh_stop_request(run->stop, reason);
  if (!run->was_raised) {
    run->was_raised = true;
    run->grace = GRACE;
    lua_sethook(L, hook, LUA_MASKCOUNT, STRIDE);
  }
  return opsh_raise_stop(L);
}

// The run has used up its memory and Lua is about to raise that: from here on it is stopped, so that no pcall goes on.
void opsh_stop_for_memory(opsh_lua *lua) {
  opsh_run *run = atomic_load(&lua->run);
  lua_State *L = atomic_load(&lua->running);
  if (run == NULL || L == NULL || run->was_raised) return;
  opsh_stop_request(run->stop, OPSH_OUT_OF_MEMORY);
  if (run->position[0] == 0) note_position(L, run);
  run->was_raised = true;
  run->grace = GRACE;
  lua_sethook(L, hook, LUA_MASKCOUNT, STRIDE);
}

// A buffer of lauxlib asks for memory once only.
void opsh_note_refusal(lua_State *L, int status) {
  opsh_lua *lua = opsh_of(L);
  if (status == LUA_ERRMEM && lua->ceiling != 0 && lua->refused != 0) opsh_stop_for_memory(lua);
}

// Counts work that C code did in place of Lua instructions.
void opsh_charge(lua_State *L, int64_t steps) {
  opsh_run *run = atomic_load(&opsh_of(L)->run);
  if (run == NULL || !run->is_limited) return;
  run->instructions -= steps;
  if (run->instructions <= 0) run->is_exhausted = true;
}

// Raises in C code that may take long or that was entered after the stop.
void opsh_check_stop(lua_State *L) {
  opsh_run *run = atomic_load(&opsh_of(L)->run);
  if (opsh_stop_of(run) == OPSH_NOT_STOPPED || (run->was_raised && run->grace > 0)) return;
  if (!run->was_raised) {
    run->was_raised = true;
    run->grace = GRACE;
  }
  opsh_raise_stop(L);
}

// Makes `L` the coroutine that runs. A stop that was requested before the handler could know of `L` is seen here:
// the request sets the flag first and signals second.
void opsh_enter(opsh_lua *lua, lua_State *L) {
  atomic_store(&lua->running, L);
  if (L == NULL) return;
  opsh_run *run = atomic_load(&lua->run);
  if (opsh_stop_of(run) != OPSH_NOT_STOPPED) {
    if (run->was_raised && run->grace > 0)
      lua_sethook(L, hook, LUA_MASKCOUNT, STRIDE);
    else
      lua_sethook(L, hook, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
  } else if (run != NULL && run->is_limited) {
    lua_sethook(L, hook, LUA_MASKCOUNT, STRIDE);
  }
}

void opsh_set_current(opsh_lua *lua) {
  if (lua != NULL && !atomic_load(&lua->is_attached)) {
    // Threads of libdispatch block all signals, and ours may have inherited that.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR2);
    pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
    atomic_store(&lua->thread, pthread_self());
    atomic_store(&lua->is_attached, true);
  }
  current = lua;
}

static void on_signal(int signal) {
  (void)signal;
  opsh_lua *lua = current;
  if (lua == NULL) return;
  opsh_run *run = atomic_load(&lua->run);
  lua_State *L = atomic_load(&lua->running);
  if (L == NULL || run == NULL || run->was_raised || opsh_stop_of(run) == OPSH_NOT_STOPPED) return;
  lua_sethook(L, hook, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
}

static void install(void) {
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaction(SIGUSR2, &action, NULL);
}

void opsh_install_handler(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, install);
}

void opsh_lua_wake(opsh_lua *lua) {
  if (atomic_load(&lua->is_attached)) pthread_kill(atomic_load(&lua->thread), SIGUSR2);
}
