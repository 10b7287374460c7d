#ifndef OPSH_PATTERNS_H
#define OPSH_PATTERNS_H
#include "bridge.h"

// Lua patterns (manual 6.4.1) whose matching a stop can end: Lua's own matcher may backtrack for hours.

#define MAX_CAPTURES 32

struct match {
  lua_State *L;
  const char *begin, *end;  // the subject
  const char *pattern_end;
  int depth;
  unsigned steps;
  int captures;
  struct {
    const char *begin;
    ptrdiff_t length;  // OPEN and POSITION are no lengths
  } capture[MAX_CAPTURES];
};

struct match opsh_match_new(lua_State *L, int subject, int pattern);
/// The end of the match that begins at `at`, or NULL.
const char *opsh_match_at(struct match *match, const char *at, const char *pattern);
/// Pushes capture `index`; capture 0 of a pattern without captures is the whole match.
void opsh_push_capture_of(struct match *match, int index, const char *from, const char *to);
/// Pushes all captures, or the whole match without captures if `from` is given.
int opsh_push_captures(struct match *match, const char *from, const char *to);

#endif
