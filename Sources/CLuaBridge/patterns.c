#define _GNU_SOURCE  // memmem
#include <string.h>

#include "patterns.h"

// string.find, match, gmatch and gsub over the matcher of matching.c.

// Where a search begins: a position from 1, or from the end when negative.
static size_t start_of(lua_State *L, int argument, size_t length) {
  lua_Integer position = luaL_optinteger(L, argument, 1);
  if (position > 0) return (size_t)position - 1;
  if (position == 0 || position < -(lua_Integer)length) return 0;
  return length - (size_t)-position;
}

static int find_plain(lua_State *L, size_t start) {
  size_t length, sought;
  const char *subject = lua_tolstring(L, 1, &length);
  const char *text = lua_tolstring(L, 2, &sought);
  const char *found = memmem(subject + start, length - start, text, sought);
  if (found == NULL) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushinteger(L, found - subject + 1);
  lua_pushinteger(L, found - subject + (lua_Integer)sought);
  return 2;
}

static bool is_plain(const char *pattern, size_t length) {
  for (size_t index = 0; index < length; index++)
    if (pattern[index] != 0 && strchr("^$*+?.([%-", pattern[index]) != NULL) return false;
  return true;
}

static int search(lua_State *L, bool is_find) {
  size_t length, pattern_length;
  luaL_checklstring(L, 1, &length);
  const char *pattern = luaL_checklstring(L, 2, &pattern_length);
  size_t start = start_of(L, 3, length);
  if (start > length) {
    lua_pushnil(L);
    return 1;
  }
  if (is_find && (lua_toboolean(L, 4) || is_plain(pattern, pattern_length)))
    return find_plain(L, start);
  struct match match = opsh_match_new(L, 1, 2);
  bool is_anchored = *pattern == '^' && pattern_length > 0;
  if (is_anchored) pattern += 1;
  for (const char *at = match.begin + start; at <= match.end; at++) {
    const char *to = opsh_match_at(&match, at, pattern);
    if (to != NULL) {
      if (!is_find) return opsh_push_captures(&match, at, to);
      lua_pushinteger(L, at - match.begin + 1);
      lua_pushinteger(L, to - match.begin);
      return 2 + opsh_push_captures(&match, NULL, NULL);
    }
    if (is_anchored) break;
  }
  lua_pushnil(L);
  return 1;
}

static int find(lua_State *L) { return search(L, true); }

static int match(lua_State *L) { return search(L, false); }

// Upvalues: subject, pattern, where to continue, end of the last match (-1 at first).
static int gmatch_next(lua_State *L) {
  struct match match = opsh_match_new(L, lua_upvalueindex(1), lua_upvalueindex(2));
  const char *pattern = lua_tostring(L, lua_upvalueindex(2));
  lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
  for (const char *at = match.begin + lua_tointeger(L, lua_upvalueindex(3)); at <= match.end; at++) {
    const char *to = opsh_match_at(&match, at, pattern);
    if (to == NULL || to - match.begin == last) continue;
    lua_pushinteger(L, to - match.begin);
    lua_pushvalue(L, -1);
    lua_replace(L, lua_upvalueindex(3));
    lua_replace(L, lua_upvalueindex(4));
    return opsh_push_captures(&match, at, to);
  }
  lua_pushinteger(L, match.end - match.begin + 1);
  lua_replace(L, lua_upvalueindex(3));
  return 0;
}

static int gmatch(lua_State *L) {
  size_t length;
  luaL_checklstring(L, 1, &length);
  luaL_checkstring(L, 2);
  size_t start = start_of(L, 3, length);
  lua_settop(L, 2);
  lua_pushinteger(L, (lua_Integer)(start > length ? length + 1 : start));
  lua_pushinteger(L, -1);
  lua_pushcclosure(L, gmatch_next, 4);
  return 1;
}

// Adds the replacement text with its %0 to %9.
static void add_text(struct match *match, luaL_Buffer *text, const char *from, const char *to) {
  lua_State *L = match->L;
  size_t length;
  const char *replacement = lua_tolstring(L, 3, &length);
  const char *end = replacement + length;
  for (const char *at = replacement; at < end; at++) {
    if (*at != '%') {
      luaL_addchar(text, *at);
      continue;
    }
    at += 1;
    if (at < end && *at == '%') {
      luaL_addchar(text, '%');
    } else if (at < end && *at == '0') {
      luaL_addlstring(text, from, (size_t)(to - from));
    } else if (at < end && *at >= '1' && *at <= '9') {
      opsh_push_capture_of(match, *at - '1', from, to);
      luaL_tolstring(L, -1, NULL);
      lua_remove(L, -2);
      luaL_addvalue(text);
    } else {
      luaL_error(L, "invalid use of '%%' in replacement string");
    }
  }
}

static void add_replacement(struct match *match, luaL_Buffer *text, const char *from, const char *to) {
  lua_State *L = match->L;
  switch (lua_type(L, 3)) {
    case LUA_TFUNCTION:
      lua_pushvalue(L, 3);
      lua_call(L, opsh_push_captures(match, from, to), 1);
      break;
    case LUA_TTABLE:
      opsh_push_capture_of(match, 0, from, to);
      lua_gettable(L, 3);
      break;
    default: add_text(match, text, from, to); return;
  }
  if (!lua_toboolean(L, -1)) {
    lua_pop(L, 1);
    luaL_addlstring(text, from, (size_t)(to - from));
    return;
  }
  if (!lua_isstring(L, -1)) luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
  luaL_addvalue(text);
}

static int gsub(lua_State *L) {
  size_t length;
  luaL_checklstring(L, 1, &length);
  const char *pattern = luaL_checkstring(L, 2);
  int type = lua_type(L, 3);
  luaL_argexpected(
      L, type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE, 3,
      "string/function/table");
  lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)length + 1);
  if (type == LUA_TNUMBER) lua_tostring(L, 3);
  struct match match = opsh_match_new(L, 1, 2);
  bool is_anchored = *pattern == '^';
  if (is_anchored) pattern += 1;
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  lua_Integer count = 0;
  const char *at = match.begin, *last = NULL;
  while (count < most) {
    const char *to = opsh_match_at(&match, at, pattern);
    if (to != NULL && to != last) {
      count += 1;
      add_replacement(&match, &text, at, to);
      at = last = to;
    } else if (at < match.end) {
      luaL_addchar(&text, *at++);
    } else {
      break;
    }
    if (is_anchored) break;
  }
  luaL_addlstring(&text, at, (size_t)(match.end - at));
  luaL_pushresult(&text);
  lua_pushinteger(L, count);
  return 2;
}

const luaL_Reg opsh_string_functions[] = {
    {"find", find}, {"gmatch", gmatch}, {"gsub", gsub}, {"match", match}, {"rep", opsh_string_rep}, {NULL, NULL},
};
