#include <stdio.h>
#include <string.h>

#include "bridge.h"

// Looks without running anything: for completion and for "is this entry complete?".

// Adds the string keys of the table on top, of its hidden contents and of its __index tables.
static void add_names(lua_State *L, opsh_values *names, int depth) {
  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
    size_t length;
    if (lua_type(L, -2) != LUA_TSTRING) continue;
    const char *name = lua_tolstring(L, -2, &length);
    opsh_values_add_string(names, name, length);
  }
  if (depth == 8 || !lua_getmetatable(L, -1)) return;
  lua_pushliteral(L, "__index");
  if (lua_rawget(L, -2) == LUA_TTABLE) add_names(L, names, depth + 1);
  lua_pop(L, 2);
}

// Replaces the table on top by its raw field, following __index tables.
static bool step(lua_State *L, const char *name) {
  for (int depth = 0; depth < 8 && lua_istable(L, -1); depth++) {
    lua_pushstring(L, name);
    if (lua_rawget(L, -2) != LUA_TNIL) {
      lua_replace(L, -2);
      return lua_istable(L, -1);
    }
    lua_pop(L, 1);
    if (!lua_getmetatable(L, -1)) return false;
    lua_pushliteral(L, "__index");
    lua_rawget(L, -2);
    lua_replace(L, -3);
    lua_pop(L, 1);
  }
  return false;
}

struct question {
  opsh_lua *lua;
  const char *const *path;
  size_t count;
};

static int answer(lua_State *L) {
  const struct question *question = lua_touserdata(L, 1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_session);
  for (size_t index = 0; index < question->count; index++)
    if (!step(L, question->path[index])) return 0;
  luaL_checkstack(L, 40, NULL);
  add_names(L, &question->lua->names, 0);
  return 0;
}

const opsh_values *opsh_lua_names(opsh_lua *lua, const char *const *path, size_t count) {
  struct question question = {lua, path, count};
  opsh_values_clear(&lua->names);
  lua_settop(lua->L, 0);
  lua_pushcfunction(lua->L, answer);
  lua_pushlightuserdata(lua->L, &question);
  if (lua_pcall(lua->L, 1, 0, 0) != LUA_OK) opsh_values_clear(&lua->names);
  lua_settop(lua->L, 0);
  return &lua->names;
}

struct text {
  const char *pieces[2];
  size_t lengths[2];
  int next;
};

static const char *read_text(lua_State *L, void *context, size_t *length) {
  (void)L;
  struct text *text = context;
  while (text->next < 2 && text->lengths[text->next] == 0) text->next += 1;
  if (text->next == 2) return *length = 0, NULL;
  *length = text->lengths[text->next];
  return text->pieces[text->next++];
}

bool opsh_lua_compiles(
    const char *prefix, const char *source, size_t length, const char *name, char *message, size_t message_size) {
  lua_State *L = luaL_newstate();
  if (L == NULL) {
    snprintf(message, message_size, "not enough memory");
    return false;
  }
  struct text text = {{prefix, source}, {strlen(prefix), length}, 0};
  bool compiles = lua_load(L, read_text, &text, name, "t") == LUA_OK;
  if (!compiles) snprintf(message, message_size, "%s", lua_tostring(L, -1));
  lua_close(L);
  return compiles;
}
