#include <ctype.h>
#include <string.h>

#include "patterns.h"

#define OPEN (-1)
#define POSITION (-2)
#define MAX_DEPTH 200

struct match opsh_match_new(lua_State *L, int subject, int pattern) {
  size_t subject_length, pattern_length;
  struct match match = {.L = L};
  match.begin = lua_tolstring(L, subject, &subject_length);
  match.end = match.begin + subject_length;
  match.pattern_end = lua_tolstring(L, pattern, &pattern_length) + pattern_length;
  return match;
}

static void count_step(struct match *match) {
  if ((++match->steps & 4095) != 0) return;
  opsh_charge(match->L, 4096);
  opsh_check_stop(match->L);
}

// The end of one pattern item: a character, a class or a set, without its repetition.
static const char *item_end(struct match *match, const char *item) {
  if (*item == '%') {
    if (item + 1 == match->pattern_end) luaL_error(match->L, "malformed pattern (ends with '%%')");
    return item + 2;
  }
  if (*item != '[') return item + 1;
  const char *at = item + 1;
  if (at < match->pattern_end && *at == '^') at += 1;
  bool is_first = true;  // a `]` that comes first stands for itself
  while (at < match->pattern_end && (*at != ']' || is_first)) {
    at += *at == '%' ? 2 : 1;
    is_first = false;
  }
  if (at >= match->pattern_end) luaL_error(match->L, "malformed pattern (missing ']')");
  return at + 1;
}

static bool is_in_class(unsigned char byte, unsigned char letter) {
  bool is_member;
  switch (tolower(letter)) {
    case 'a': is_member = isalpha(byte); break;
    case 'c': is_member = iscntrl(byte); break;
    case 'd': is_member = isdigit(byte); break;
    case 'g': is_member = isgraph(byte); break;
    case 'l': is_member = islower(byte); break;
    case 'p': is_member = ispunct(byte); break;
    case 's': is_member = isspace(byte); break;
    case 'u': is_member = isupper(byte); break;
    case 'w': is_member = isalnum(byte); break;
    case 'x': is_member = isxdigit(byte); break;
    case 'z': is_member = byte == 0; break;  // deprecated, but Lua still knows it
    default: return letter == byte;
  }
  return isupper(letter) ? !is_member : is_member;
}

// `set` runs from its `[` to after its `]`.
static bool is_in_set(unsigned char byte, const char *set, const char *end) {
  const char *at = set + 1, *last = end - 1;
  bool is_negated = *at == '^';
  if (is_negated) at += 1;
  while (at < last) {
    bool is_member;
    if (*at == '%') {
      is_member = is_in_class(byte, (unsigned char)at[1]);
      at += 2;
    } else if (at + 2 < last && at[1] == '-') {
      is_member = (unsigned char)at[0] <= byte && byte <= (unsigned char)at[2];
      at += 3;
    } else {
      is_member = (unsigned char)*at == byte;
      at += 1;
    }
    if (is_member) return !is_negated;
  }
  return is_negated;
}

static bool fits(struct match *match, const char *at, const char *item, const char *end) {
  if (at >= match->end) return false;
  unsigned char byte = (unsigned char)*at;
  count_step(match);
  switch (*item) {
    case '.': return true;
    case '%': return is_in_class(byte, (unsigned char)item[1]);
    case '[': return is_in_set(byte, item, end);
    default: return (unsigned char)*item == byte;
  }
}

static const char *match_rest(struct match *match, const char *at, const char *pattern);

static const char *match_greedy(
    struct match *match, const char *at, const char *item, const char *end, ptrdiff_t least) {
  ptrdiff_t count = 0;
  while (fits(match, at + count, item, end)) count += 1;
  for (; count >= least; count--) {
    const char *found = match_rest(match, at + count, end + 1);
    if (found != NULL) return found;
  }
  return NULL;
}

static const char *match_lazy(struct match *match, const char *at, const char *item, const char *end) {
  for (;; at++) {
    const char *found = match_rest(match, at, end + 1);
    if (found != NULL) return found;
    if (!fits(match, at, item, end)) return NULL;
  }
}

static const char *match_opening(struct match *match, const char *at, const char *pattern, ptrdiff_t kind) {
  if (match->captures == MAX_CAPTURES) luaL_error(match->L, "too many captures");
  int index = match->captures++;
  match->capture[index].begin = at;
  match->capture[index].length = kind;
  const char *found = match_rest(match, at, pattern);
  if (found == NULL) match->captures -= 1;
  return found;
}

static const char *match_closing(struct match *match, const char *at, const char *pattern) {
  int index = match->captures - 1;
  while (index >= 0 && match->capture[index].length != OPEN) index -= 1;
  if (index < 0) luaL_error(match->L, "invalid pattern capture");
  match->capture[index].length = at - match->capture[index].begin;
  const char *found = match_rest(match, at, pattern);
  if (found == NULL) match->capture[index].length = OPEN;
  return found;
}

static const char *match_balanced(struct match *match, const char *at, const char *pair) {
  if (pair + 1 >= match->pattern_end) luaL_error(match->L, "malformed pattern (missing arguments to '%%b')");
  if (at >= match->end || *at != pair[0]) return NULL;
  int level = 1;
  for (at++; at < match->end; at++) {
    count_step(match);
    if (*at == pair[1]) {
      if (--level == 0) return at + 1;
    } else if (*at == pair[0]) {
      level += 1;
    }
  }
  return NULL;
}

static bool is_frontier(struct match *match, const char *at, const char *set, const char *end) {
  unsigned char before = at == match->begin ? 0 : (unsigned char)at[-1];
  unsigned char after = at == match->end ? 0 : (unsigned char)*at;
  return !is_in_set(before, set, end) && is_in_set(after, set, end);
}

static const char *match_back(struct match *match, const char *at, char digit) {
  int index = digit - '1';
  if (index < 0 || index >= match->captures || match->capture[index].length == OPEN)
    luaL_error(match->L, "invalid capture index %%%d", index + 1);
  ptrdiff_t length = match->capture[index].length;
  if (length < 0) return NULL;  // a position matches no text
  if (match->end - at < length || memcmp(match->capture[index].begin, at, (size_t)length) != 0) return NULL;
  return at + length;
}

// Matches from `at` until the pattern ends, a step fails or a choice takes over.
static const char *match_steps(struct match *match, const char *at, const char *pattern) {
  while (pattern < match->pattern_end) {
    count_step(match);
    if (*pattern == '(') {
      bool is_position = pattern[1] == ')';
      return match_opening(match, at, pattern + (is_position ? 2 : 1), is_position ? POSITION : OPEN);
    }
    if (*pattern == ')') return match_closing(match, at, pattern + 1);
    if (*pattern == '$' && pattern + 1 == match->pattern_end) return at == match->end ? at : NULL;
    if (*pattern == '%' && pattern[1] == 'b') {
      at = match_balanced(match, at, pattern + 2);
      if (at == NULL) return NULL;
      pattern += 4;
      continue;
    }
    if (*pattern == '%' && pattern[1] == 'f') {
      const char *set = pattern + 2;
      if (set >= match->pattern_end || *set != '[') luaL_error(match->L, "missing '[' after '%%f' in pattern");
      const char *end = item_end(match, set);
      if (!is_frontier(match, at, set, end)) return NULL;
      pattern = end;
      continue;
    }
    if (*pattern == '%' && isdigit((unsigned char)pattern[1])) {
      at = match_back(match, at, pattern[1]);
      if (at == NULL) return NULL;
      pattern += 2;
      continue;
    }
    const char *end = item_end(match, pattern);
    char repetition = end < match->pattern_end ? *end : 0;
    if (repetition == '*') return match_greedy(match, at, pattern, end, 0);
    if (repetition == '+') return match_greedy(match, at, pattern, end, 1);
    if (repetition == '-') return match_lazy(match, at, pattern, end);
    bool is_fit = fits(match, at, pattern, end);
    if (repetition == '?') {
      const char *found = is_fit ? match_rest(match, at + 1, end + 1) : NULL;
      if (found != NULL) return found;
      pattern = end + 1;
      continue;
    }
    if (!is_fit) return NULL;
    at += 1;
    pattern = end;
  }
  return at;
}

static const char *match_rest(struct match *match, const char *at, const char *pattern) {
  if (match->depth == MAX_DEPTH) luaL_error(match->L, "pattern too complex");
  match->depth += 1;
  const char *found = match_steps(match, at, pattern);
  match->depth -= 1;
  return found;
}

const char *opsh_match_at(struct match *match, const char *at, const char *pattern) {
  match->captures = 0;
  match->depth = 0;
  return match_rest(match, at, pattern);
}

void opsh_push_capture_of(struct match *match, int index, const char *from, const char *to) {
  if (index >= match->captures) {
    if (index != 0) luaL_error(match->L, "invalid capture index %%%d", index + 1);
    lua_pushlstring(match->L, from, (size_t)(to - from));
    return;
  }
  ptrdiff_t length = match->capture[index].length;
  if (length == OPEN) luaL_error(match->L, "unfinished capture");
  if (length == POSITION)
    lua_pushinteger(match->L, match->capture[index].begin - match->begin + 1);
  else
    lua_pushlstring(match->L, match->capture[index].begin, (size_t)length);
}

int opsh_push_captures(struct match *match, const char *from, const char *to) {
  int count = match->captures == 0 && from != NULL ? 1 : match->captures;
  luaL_checkstack(match->L, count, "too many captures");
  for (int index = 0; index < count; index++) opsh_push_capture_of(match, index, from, to);
  return count;
}
