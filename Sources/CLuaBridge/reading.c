#include <stdio.h>
#include <string.h>

#include "bridge.h"

// Reads Lua values into a list. Tables may share parts, so size is bounded as well as depth.
#define MAX_ITEMS ((size_t)4 << 20)
#define MAX_BYTES ((size_t)256 << 20)
#define MAX_DEPTH 64

static int refuse(struct opsh_reader *reader, const char *code, const char *what, const char *hint) {
  lua_State *L = reader->L;
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  luaL_addstring(&text, reader->subject);
  // A deep path says no more than its beginning.
  for (int level = 0; level < reader->depth && level < 8; level++) {
    if (reader->path[level].name != NULL) {
      luaL_addchar(&text, '.');
      luaL_addstring(&text, reader->path[level].name);
    } else {
      char position[32];
      lua_Integer index = reader->path[level].index;
      snprintf(position, sizeof position, "[%lld]", (long long)index);
      luaL_addstring(&text, position);
    }
  }
  luaL_pushresult(&text);
  return opsh_raise(L, code, hint, "%s %s", lua_tostring(L, -1), what);
}

// What crosses lies outside of Lua's memory, and counts as much.
static void check_room(struct opsh_reader *reader, size_t length) {
  const opsh_values *values = reader->values;
  if (reader->room == 0 || values->used + length + values->count * sizeof(opsh_item) <= reader->room) return;
  refuse(reader, "value.size", "needs more memory than this call may use", "pass it in parts");
}

static void add_string(struct opsh_reader *reader, int index) {
  size_t length;
  const char *bytes = lua_tolstring(reader->L, index, &length);  // a string already: nothing is converted
  if (reader->values->used + length > MAX_BYTES)
    refuse(reader, "value.size", "holds more than 256 MiB of text", "pass it in parts");
  check_room(reader, length);
  opsh_values_add_string(reader->values, bytes, length);
}

static void add_text(struct opsh_reader *reader, int index) {
  lua_State *L = reader->L;
  const char *name = opsh_primitive_name(L, index);
  if (name != NULL)
    lua_pushfstring(L, "<function %s>", name);
  else
    lua_pushfstring(L, "<%s>", luaL_typename(L, index));
  add_string(reader, -1);
  lua_pop(L, 1);
}

struct shape {
  lua_Integer strings, integers, largest, others;
};

static struct shape shape_of(lua_State *L, int table) {
  struct shape shape = {0};
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
    if (lua_type(L, -2) == LUA_TSTRING) {
      shape.strings += 1;
    } else if (lua_isinteger(L, -2) && lua_tointeger(L, -2) > 0) {
      lua_Integer key = lua_tointeger(L, -2);
      shape.integers += 1;
      if (key > shape.largest) shape.largest = key;
    } else {
      shape.others += 1;
    }
  }
  return shape;
}

static void read_array(struct opsh_reader *reader, int table, lua_Integer count) {
  lua_State *L = reader->L;
  opsh_values_add(reader->values, OPSH_ARRAY, count);
  for (lua_Integer index = 1; index <= count; index++) {
    reader->path[reader->depth - 1].name = NULL;
    reader->path[reader->depth - 1].index = index;
    lua_rawgeti(L, table, index);
    opsh_read(reader, -1);
    lua_pop(L, 1);
  }
}

static void read_fields(struct opsh_reader *reader, int table, lua_Integer count) {
  lua_State *L = reader->L;
  opsh_values_add(reader->values, OPSH_TABLE, count);
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
    if (lua_type(L, -2) == LUA_TSTRING) {
      reader->path[reader->depth - 1].name = lua_tostring(L, -2);
      add_string(reader, -2);
    } else {  // lenient: lua_next needs the key as it is, so convert a copy
      reader->path[reader->depth - 1].name = "?";
      lua_pushvalue(L, -2);
      if (lua_isnumber(L, -1)) lua_tostring(L, -1);
      if (lua_isstring(L, -1))
        add_string(reader, -1);
      else
        add_text(reader, -1);
      lua_pop(L, 1);
    }
    opsh_read(reader, -1);
  }
}

static void read_table(struct opsh_reader *reader, int table) {
  lua_State *L = reader->L;
  struct shape shape = shape_of(L, table);
  lua_Integer total = shape.strings + shape.integers + shape.others;
  bool is_array = shape.integers == total && shape.largest == total && total > 0;
  bool is_lenient = reader->mode == OPSH_LENIENT;
  if (reader->depth == MAX_DEPTH) {
    if (is_lenient) {
      opsh_values_add_string(reader->values, "<nested too deeply>", 19);
      return;
    }
    refuse(reader, "value.depth", "is nested more than 64 levels deep", "a table that contains itself cannot be passed");
  }
  bool is_declared = reader->mode == OPSH_DECLARED || reader->mode == OPSH_REFERENCES;
  bool may_mix = is_lenient || (is_declared && shape.others == 0);
  if (!is_array && shape.strings != total && !may_mix) {
    if (shape.others > 0) refuse(reader, "value.key", "has a key that is neither a name nor a list position", NULL);
    if (shape.strings > 0) refuse(reader, "value.key", "mixes a list with named fields", "make it one or the other");
    refuse(reader, "value.key", "is a list with holes", "a list runs from 1 to its length without nil");
  }
  reader->depth += 1;
  if (is_array)
    read_array(reader, table, total);
  else
    read_fields(reader, table, total);
  reader->depth -= 1;
}

// A set crosses as its folded text, a namespace or a handle as its name.
static bool read_special(struct opsh_reader *reader, int table) {
  lua_State *L = reader->L;
  if (opsh_is_unknown(L, table)) {
    opsh_values_add(reader->values, OPSH_UNKNOWN, 0);
    opsh_push_parts(L, table);
    add_string(reader, -2);
    add_string(reader, -1);
    lua_pop(L, 2);
    return true;
  }
  if (opsh_is_list(L, table)) {
    lua_pushnil(L);
    // What was put into it since says itself what it is.
    if (lua_next(L, table)) {
      lua_pop(L, 2);
      return false;
    }
    opsh_values_add(reader->values, OPSH_ARRAY, 0);
    return true;
  }
  if (opsh_is_set(L, table)) {
    lua_rawgeti(L, table, 0);  // where the prelude keeps it
    if (reader->tells_sets && lua_type(L, -1) == LUA_TSTRING) opsh_values_add(reader->values, OPSH_SET, 0);
    if (lua_type(L, -1) == LUA_TSTRING) add_string(reader, -1);
    else opsh_values_add(reader->values, OPSH_NIL, 0);
    lua_pop(L, 1);
    return true;
  }
  if (!lua_getmetatable(L, table)) return false;
  bool is_frozen = lua_rawgetp(L, -1, &opsh_key_hidden) == LUA_TTABLE;
  lua_pop(L, 1);
  if (is_frozen) {
    lua_pushliteral(L, "__name");
    if (lua_rawget(L, -2) == LUA_TSTRING) add_string(reader, -1);
    else opsh_values_add(reader->values, OPSH_NIL, 0);
    lua_pop(L, 2);
    return true;
  }
  lua_pop(L, 1);
  return false;
}

void opsh_read(struct opsh_reader *reader, int index) {
  lua_State *L = reader->L;
  index = lua_absindex(L, index);
  luaL_checkstack(L, 12, "the value is nested too deeply");
  if (reader->values->count >= MAX_ITEMS)
    refuse(reader, "value.size", "holds more than 4 million values", "pass it in parts");
  if ((reader->values->count & 4095) == 4095) {
    check_room(reader, 0);
    opsh_check_stop(L);
  }
  switch (lua_type(L, index)) {
    case LUA_TNIL: opsh_values_add(reader->values, OPSH_NIL, 0); break;
    case LUA_TBOOLEAN: opsh_values_add(reader->values, OPSH_BOOL, lua_toboolean(L, index)); break;
    case LUA_TNUMBER:
      if (lua_isinteger(L, index))
        opsh_values_add(reader->values, OPSH_INT, lua_tointeger(L, index));
      else
        opsh_values_add_number(reader->values, lua_tonumber(L, index));
      break;
    case LUA_TSTRING: add_string(reader, index); break;
    case LUA_TLIGHTUSERDATA: opsh_values_add(reader->values, OPSH_NULL, 0); break;
    case LUA_TTABLE:
      if (!read_special(reader, index)) read_table(reader, index);
      break;
    case LUA_TFUNCTION:
      if (reader->mode == OPSH_REFERENCES) {
        lua_pushvalue(L, index);
        opsh_values_add(reader->values, OPSH_FUNCTION, luaL_ref(L, LUA_REGISTRYINDEX));
        break;
      }
      if (reader->mode == OPSH_STRICT && opsh_primitive_name(L, index) != NULL) {
        const char *name = opsh_primitive_name(L, index);  // help(fleet.deploy)
        opsh_values_add_string(reader->values, name, strlen(name));
        break;
      }
      // Falls through: no other function is data.
    case LUA_TUSERDATA:
      if (opsh_push_secret_name(L, index)) {
        opsh_values_add(reader->values, OPSH_SECRET, 0);
        add_string(reader, -1);
        lua_pop(L, 1);
        break;
      }
      // Falls through: nor is any other object.
    default:
      if (reader->mode == OPSH_LENIENT) {
        add_text(reader, index);
        break;
      }
      lua_pushfstring(L, "is a %s, which is not data", luaL_typename(L, index));
      refuse(reader, "value.type", lua_tostring(L, -1), "only nil, booleans, numbers, strings and tables of them can be passed");
  }
}
