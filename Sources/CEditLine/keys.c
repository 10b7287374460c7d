// What the keys do. libedit calls a plain function a key; each hands its number to the caller.
#define _GNU_SOURCE
#include "editor.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <wchar.h>

enum { PASTE_LIMIT = 1 << 20 };

static opsh_line_editor *editor_of(EditLine *editline) {
  opsh_line_editor *editor = NULL;
  el_get(editline, EL_CLIENTDATA, &editor);
  return editor;
}

static unsigned char press(EditLine *editline, opsh_key key) {
  opsh_line_editor *editor = editor_of(editline);
  if (key == OPSH_KEY_INTERRUPT) editor->interrupted = true;
  switch (editor->callbacks.key(editor->callbacks.context, key)) {
  case OPSH_AFTER_NOTHING: return CC_NORM;
  case OPSH_AFTER_REFRESH: return CC_REFRESH;
  case OPSH_AFTER_BEEP: return CC_REFRESH_BEEP;
  case OPSH_AFTER_END_OF_INPUT: editor->ended = true; return CC_EOF;
  }
  return CC_ERROR;
}

#define KEY(name, key) \
  static unsigned char name(EditLine *editline, int character) { \
    (void)character; \
    return press(editline, key); \
  }
KEY(enter, OPSH_KEY_ENTER)
KEY(newline, OPSH_KEY_NEWLINE)
KEY(tab, OPSH_KEY_TAB)
KEY(up, OPSH_KEY_UP)
KEY(down, OPSH_KEY_DOWN)
KEY(line_start, OPSH_KEY_LINE_START)
KEY(line_end, OPSH_KEY_LINE_END)
KEY(kill_to_end, OPSH_KEY_KILL_TO_END)
KEY(kill_to_start, OPSH_KEY_KILL_TO_START)
KEY(interrupt, OPSH_KEY_INTERRUPT)
KEY(delete_or_end, OPSH_KEY_DELETE_OR_END)

static unsigned char search(EditLine *editline, const char *keys) {
  editor_of(editline)->searching = true;
  el_push(editline, keys);
  return CC_NORM;
}

static unsigned char search_back(EditLine *editline, int character) {
  (void)character;
  return search(editline, "\033[oB");
}

static unsigned char search_forward(EditLine *editline, int character) {
  (void)character;
  return search(editline, "\033[oF");
}

static unsigned char nothing(EditLine *editline, int character) {
  (void)editline, (void)character;
  return CC_ERROR; // beeps
}

// Text between ESC[200~ and ESC[201~ is data: nothing in it runs, completes or moves.
static unsigned char paste(EditLine *editline, int character) {
  (void)character;
  static const wchar_t end[] = L"\033[201~";
  const size_t end_length = wcslen(end);
  opsh_line_editor *editor = editor_of(editline);
  wchar_t *text = calloc(PASTE_LIMIT + 1, sizeof *text);
  if (!text) return CC_ERROR;
  size_t count = 0;
  editor->pasting = true;
  while (count < PASTE_LIMIT && el_wgetc(editline, &text[count]) == 1) {
    count++;
    if (count >= end_length && wmemcmp(text + count - end_length, end, end_length) == 0) {
      count -= end_length;
      break;
    }
  }
  editor->pasting = false;
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    wchar_t c = text[i];
    if (c == L'\r' && i + 1 < count && text[i + 1] == L'\n') continue;
    if (c == L'\r') c = L'\n';
    if (editor->question && c == L'\n') c = L' ';
    if ((c < 0x20 && c != L'\n' && c != L'\t') || (c >= 0x7f && c < 0xa0)) continue;
    text[kept++] = c;
  }
  // A trailing newline would only add an empty line to the entry.
  while (kept > 0 && text[kept - 1] == L'\n') kept--;
  text[kept] = 0;
  if (kept > 0) el_winsertstr(editline, text);
  free(text);
  return editor->stopped || editor->ended ? CC_EOF : CC_REFRESH;
}

// Stops the whole job, as the terminal driver would: stopping only this process would leave `make` waiting.
static unsigned char suspend(EditLine *editline, int character) {
  (void)character;
  opsh_line_editor *editor = editor_of(editline);
  opsh_move_below(editor);
  el_set(editline, EL_PREP_TERM, 0);
  opsh_leave_editing(editor);
  int before = opsh_guard_continues();
  kill(0, SIGTSTP);
  // The signal may be taken by another thread a moment later; a process that nobody can resume is not stopped at all.
  for (int i = 0; i < 20 && opsh_guard_continues() == before; i++) poll(NULL, 0, 10);
  opsh_guard_take_continue();
  el_set(editline, EL_PREP_TERM, 1);
  opsh_disable_signal_keys(editor);
  opsh_enter_editing(editor);
  el_set(editline, EL_REFRESH);
  return CC_NORM;
}

// Names of functions; libedit keeps a copy of each for the life of the editor.
static const struct {
  const char *name;
  unsigned char (*function)(EditLine *, int);
} functions[] = {
    {"opsh-enter", enter},
    {"opsh-newline", newline},
    {"opsh-complete", tab},
    {"opsh-up", up},
    {"opsh-down", down},
    {"opsh-line-start", line_start},
    {"opsh-line-end", line_end},
    {"opsh-kill-to-end", kill_to_end},
    {"opsh-kill-to-start", kill_to_start},
    {"opsh-interrupt", interrupt},
    {"opsh-delete-or-end", delete_or_end},
    {"opsh-paste", paste},
    {"opsh-suspend", suspend},
    {"opsh-search-back", search_back},
    {"opsh-search-forward", search_forward},
    {"opsh-nothing", nothing},
};

// ICRNL is on while editing, so Enter arrives as \n; a terminal may still send \r. The sequences that begin with
// ESC [ o are no key's: opsh_line_editor_run types them to reach libedit's own commands.
static const struct {
  const char *keys;
  const char *function;
} bindings[] = {
    {"\n", "opsh-enter"},
    {"\r", "opsh-enter"},
    {"\033\n", "opsh-newline"},
    {"\033\r", "opsh-newline"},
    {"\t", "opsh-complete"},
    {"\033[A", "opsh-up"},
    {"\033OA", "opsh-up"},
    {"\020", "opsh-up"},
    {"\033[B", "opsh-down"},
    {"\033OB", "opsh-down"},
    {"\016", "opsh-down"},
    {"\001", "opsh-line-start"},
    {"\033[H", "opsh-line-start"},
    {"\033OH", "opsh-line-start"},
    {"\033[1~", "opsh-line-start"},
    {"\005", "opsh-line-end"},
    {"\033[F", "opsh-line-end"},
    {"\033OF", "opsh-line-end"},
    {"\033[4~", "opsh-line-end"},
    {"\013", "opsh-kill-to-end"},
    {"\025", "opsh-kill-to-start"},
    {"\003", "opsh-interrupt"},
    {"\004", "opsh-delete-or-end"},
    {"\032", "opsh-suspend"},
    {"\033[200~", "opsh-paste"},
    {"\022", "opsh-search-back"},
    {"\023", "opsh-search-forward"},
    {"\027", "ed-delete-prev-word"},
    {"\033[3~", "ed-delete-next-char"},
    {"\033[1;5C", "em-next-word"},
    {"\033[1;5D", "ed-prev-word"},
    {"\033[1;3C", "em-next-word"},
    {"\033[1;3D", "ed-prev-word"},
    {"\033[oS", "ed-newline"},
    {"\033[oB", "em-inc-search-prev"},
    {"\033[oF", "em-inc-search-next"},
    {"\033[oD", "ed-delete-next-char"},
    {"\033[oM", "em-set-mark"},
    {"\033[oK", "em-kill-region"},
};

void opsh_add_keys(EditLine *editline) {
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
    el_set(editline, EL_ADDFN, functions[i].name, functions[i].name, functions[i].function);
}

// libedit types the tail of a key it does not know. The keys of xterm and its kin: PageUp, Insert, F1 to F20, the arrows
// with a modifier, a focus that comes and goes; what means something is bound over it later.
void opsh_ignore_keys(EditLine *editline) {
  char keys[16];
  for (int number = 1; number <= 34; number++) {
    snprintf(keys, sizeof keys, "\033[%d~", number);
    el_set(editline, EL_BIND, keys, "opsh-nothing", NULL);
    for (int modifier = 2; modifier <= 8; modifier++) {
      snprintf(keys, sizeof keys, "\033[%d;%d~", number, modifier);
      el_set(editline, EL_BIND, keys, "opsh-nothing", NULL);
    }
  }
  for (const char *letter = "ABCDEFHPQRS"; *letter; letter++) {
    for (int modifier = 2; modifier <= 8; modifier++) {
      snprintf(keys, sizeof keys, "\033[1;%d%c", modifier, *letter);
      el_set(editline, EL_BIND, keys, "opsh-nothing", NULL);
    }
  }
  for (const char *key = "[E[G[I[O[P[Q[R[S[ZOEOPOQOROS"; *key; key += 2) {
    snprintf(keys, sizeof keys, "\033%.2s", key);
    el_set(editline, EL_BIND, keys, "opsh-nothing", NULL);
  }
}

void opsh_bind_keys(opsh_line_editor *editor) {
  for (size_t i = 0; i < sizeof bindings / sizeof bindings[0]; i++)
    el_set(editor->editline, EL_BIND, bindings[i].keys, bindings[i].function, NULL);
  // The operator may have moved the signal keys with stty.
  const struct {
    unsigned char key;
    const char *function;
  } own[] = {{opsh_guard_key(VINTR), "opsh-interrupt"}, {opsh_guard_key(VSUSP), "opsh-suspend"}};
  for (size_t i = 0; i < 2; i++) {
    char keys[] = {(char)own[i].key, 0};
    if (own[i].key > 0 && own[i].key < 0x20) el_set(editor->editline, EL_BIND, keys, own[i].function, NULL);
  }
}

void opsh_line_editor_run(opsh_line_editor *editor, opsh_command command) {
  const char *keys = NULL;
  switch (command) {
  case OPSH_COMMAND_SUBMIT: keys = "\033[oS"; break;
  case OPSH_COMMAND_DELETE_NEXT: keys = "\033[oD"; break;
  case OPSH_COMMAND_KILL_TO_LINE_END: keys = "\033[oM\005\033[oK"; break;
  case OPSH_COMMAND_KILL_TO_LINE_START: keys = "\033[oM\001\033[oK"; break;
  }
  if (keys) el_push(editor->editline, keys);
}
