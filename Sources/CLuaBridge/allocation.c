#include <stdlib.h>

#include "bridge.h"

// Room above the limit for building the error that reports the limit.
#define RESERVE ((size_t)64 << 10)

void *opsh_allocate(void *context, void *block, size_t old_size, size_t new_size) {
  opsh_lua *lua = context;
  if (block == NULL) old_size = 0;  // lua_Alloc: then it is a type, not a size
  if (new_size == 0) {
    lua->used -= old_size;
    free(block);
    return NULL;
  }
  if (new_size > old_size) {  // Lua assumes that shrinking cannot fail
    if (lua->failing_after == 0) return NULL;
    if (lua->failing_after > 0) lua->failing_after -= 1;
    size_t limit = lua->limit + (lua->reserve_open ? RESERVE : 0);
    if (lua->limit != 0 && lua->used + (new_size - old_size) > limit) return NULL;
  }
  void *moved = realloc(block, new_size);
  if (moved != NULL) lua->used += new_size - old_size;
  return moved != NULL || new_size > old_size ? moved : block;
}

size_t opsh_lua_memory(const opsh_lua *lua) { return lua->used; }

void opsh_lua_fail_after(opsh_lua *lua, int64_t count) { lua->failing_after = count; }
