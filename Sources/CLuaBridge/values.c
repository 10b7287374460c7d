#include <stdlib.h>
#include <string.h>

#include "bridge.h"

opsh_values *opsh_values_new(void) { return calloc(1, sizeof(opsh_values)); }

void opsh_values_clear(opsh_values *values) {
  free(values->items);
  free(values->bytes);
  *values = (opsh_values){0};
}

void opsh_values_free(opsh_values *values) {
  if (values == NULL) return;
  opsh_values_clear(values);
  free(values);
}

void opsh_values_reset(opsh_values *values) { opsh_values_clear(values); }

size_t opsh_values_count(const opsh_values *values) { return values->count; }

opsh_item opsh_values_at(const opsh_values *values, size_t index) {
  if (index >= values->count) return (opsh_item){.tag = OPSH_NIL};
  opsh_item item = values->items[index];
  if (item.tag == OPSH_STRING && item.bytes == NULL) item.bytes = values->bytes + item.integer;
  return item;
}

static opsh_item *add(opsh_values *values, enum opsh_tag tag) {
  if (values->failed) return NULL;
  if (values->count == values->capacity) {
    size_t capacity = values->capacity == 0 ? 8 : values->capacity * 2;
    opsh_item *items = realloc(values->items, capacity * sizeof *items);
    if (items == NULL) {
      values->failed = true;
      return NULL;
    }
    values->items = items;
    values->capacity = capacity;
  }
  opsh_item *item = &values->items[values->count++];
  *item = (opsh_item){.tag = tag};
  return item;
}

void opsh_values_add(opsh_values *values, enum opsh_tag tag, int64_t integer) {
  opsh_item *item = add(values, tag);
  if (item != NULL) item->integer = integer;
}

void opsh_values_add_number(opsh_values *values, double number) {
  opsh_item *item = add(values, OPSH_NUMBER);
  if (item != NULL) item->number = number;
}

void opsh_values_add_string(opsh_values *values, const void *bytes, size_t length) {
  if (values->size - values->used < length + 1) {
    size_t size = values->size * 2 + length + 64;
    char *grown = realloc(values->bytes, size);
    if (grown == NULL) {
      values->failed = true;
      return;
    }
    values->bytes = grown;
    values->size = size;
  }
  opsh_item *item = add(values, OPSH_STRING);
  if (item == NULL) return;
  item->integer = (int64_t)values->used;
  item->length = length;
  if (length > 0) memcpy(values->bytes + values->used, bytes, length);
  values->bytes[values->used + length] = 0;
  values->used += length + 1;
}

static int null_text(lua_State *L) {
  lua_pushliteral(L, "json.null");
  return 1;
}

// What values need that plain Lua lacks: the text of json.null, and the mark of an empty list.
void opsh_open_values(lua_State *L) {
  // All light userdata share one metatable, and scripts hold no other.
  lua_pushlightuserdata(L, (void *)&opsh_key_null);
  lua_createtable(L, 0, 3);
  lua_pushcfunction(L, null_text);
  lua_setfield(L, -2, "__tostring");
  lua_pushliteral(L, "json.null");
  lua_setfield(L, -2, "__name");
  lua_pushliteral(L, "json.null");
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_pop(L, 1);
  // Empty: it only says that a table without contents is a list. `getmetatable` does not show it.
  lua_newtable(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &opsh_key_list);
}

// Whether the value at `index` is a table that came to Lua as an empty list.
bool opsh_is_list(lua_State *L, int index) {
  if (!lua_istable(L, index) || !lua_getmetatable(L, index)) return false;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_list);
  bool is_list = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return is_list;
}

// A list on the Lua stack: whatever longjmps later, the collector frees it.
opsh_values *opsh_push_values(lua_State *L) {
  opsh_values *values = lua_newuserdatauv(L, sizeof *values, 0);
  *values = (opsh_values){0};
  lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_values);
  lua_setmetatable(L, -2);
  return values;
}

// Replaces kind and name on top by the handle that they name, as code of an authority holds it.
static void make_handle(lua_State *L, lua_Integer authority) {
  if (authority == 0)
    lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_handle);
  else if (!opsh_push_own(L, authority, OPSH_OWN_HANDLE))
    luaL_error(L, "the plugin is no longer loaded");
  lua_insert(L, -3);
  lua_call(L, 2, 1);
}

// Pushes the value that starts at `*index` for code of an authority, and moves it past that value.
void opsh_push(lua_State *L, const opsh_values *values, size_t *index, lua_Integer authority) {
  luaL_checkstack(L, 8, "the value is nested too deeply");
  opsh_item item = opsh_values_at(values, (*index)++);
  switch (item.tag) {
    case OPSH_BOOL: lua_pushboolean(L, item.integer != 0); break;
    case OPSH_INT: lua_pushinteger(L, item.integer); break;
    case OPSH_NUMBER: lua_pushnumber(L, item.number); break;
    case OPSH_STRING: lua_pushlstring(L, item.bytes, item.length); break;
    case OPSH_ARRAY:
      lua_createtable(L, (int)item.integer, 0);
      if (item.integer == 0) {
        lua_rawgetp(L, LUA_REGISTRYINDEX, &opsh_key_list);
        lua_setmetatable(L, -2);
      }
      for (int64_t position = 1; position <= item.integer; position++) {
        opsh_push(L, values, index, authority);
        lua_rawseti(L, -2, position);
      }
      break;
    case OPSH_TABLE:
      lua_createtable(L, 0, (int)item.integer);
      for (int64_t pair = 0; pair < item.integer; pair++) {
        opsh_push(L, values, index, authority);
        opsh_push(L, values, index, authority);
        lua_rawset(L, -3);
      }
      break;
    case OPSH_UNKNOWN:
      opsh_push(L, values, index, authority);
      opsh_push(L, values, index, authority);
      opsh_make_unknown(L);
      break;
    case OPSH_NULL: lua_pushlightuserdata(L, (void *)&opsh_key_null); break;
    case OPSH_HANDLE:
      opsh_push(L, values, index, authority);
      opsh_push(L, values, index, authority);
      make_handle(L, authority);
      break;
    case OPSH_SECRET: {
      opsh_item name = opsh_values_at(values, (*index)++);
      opsh_push_secret(L, name.bytes, name.length);
      break;
    }
    case OPSH_FUNCTION: lua_rawgeti(L, LUA_REGISTRYINDEX, item.integer); break;
    default: lua_pushnil(L);
  }
}

int opsh_push_all(lua_State *L, const opsh_values *values, lua_Integer authority) {
  if (values->failed) return luaL_error(L, "not enough memory");
  int count = 0;
  for (size_t index = 0; index < values->count; count++) opsh_push(L, values, &index, authority);
  return count;
}
