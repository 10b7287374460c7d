#include <stdlib.h>

#include "bridge.h"

// Room above the limit for building the error that reports the limit.
#define RESERVE ((size_t)64 << 10)

void *opsh_allocate(void *context, void *block, size_t old_size, size_t new_size) {
  opsh_lua *lua = context;
  if (block == NULL) old_size = 0;  // lua_Alloc: then it is a type, not a size
  if (new_size == 0) {
    lua->used -= old_size;
    // What others left behind and the collector frees now is no room for this run.
    if (lua->ceiling > lua->used + lua->room) lua->ceiling = lua->used + lua->room;
    free(block);
    return NULL;
  }
  if (new_size > old_size) {  // Lua assumes that shrinking cannot fail
    if (lua->failing_after == 0) return NULL;
    if (lua->failing_after > 0) lua->failing_after -= 1;
    size_t wanted = lua->used + (new_size - old_size), reserve = lua->reserve_open ? RESERVE : 0;
    if (lua->limit != 0 && wanted > lua->limit + reserve) return NULL;
    if (lua->ceiling != 0 && wanted > lua->ceiling + reserve) {
      // Lua asks once more after the collector has been through.
      if (lua->refused == new_size) opsh_stop_for_memory(lua);
      lua->refused = new_size;
      return NULL;
    }
    lua->refused = 0;
  }
  void *moved = realloc(block, new_size);
  if (moved != NULL) lua->used += new_size - old_size;
  return moved != NULL || new_size > old_size ? moved : block;
}

// A run has the thread from here on: it may make Lua grow by what is left of its budget.
void opsh_open_turn(opsh_run *run) {
  opsh_lua *lua = run->lua;
  if (run->memory == 0) return;
  lua->refused = 0;
  lua->room = run->grown >= (int64_t)run->memory ? 0 : run->memory - (size_t)run->grown;
  lua->ceiling = lua->used + lua->room;
}

void opsh_close_turn(opsh_run *run) {
  opsh_lua *lua = run->lua;
  if (run->memory == 0) return;
  // The ceiling lies `room` above the least that was held.
  int64_t least = (int64_t)lua->ceiling - (int64_t)lua->room;
  run->grown += (int64_t)lua->used - least;
  lua->ceiling = lua->room = 0;
}

size_t opsh_lua_memory(const opsh_lua *lua) { return lua->used; }

void opsh_lua_fail_after(opsh_lua *lua, int64_t count) { lua->failing_after = count; }
