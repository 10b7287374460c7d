// The life of an editor, and one read.
#define _GNU_SOURCE
#include "editor.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

enum { HISTORY_SIZE = 2000 };

bool opsh_use_utf8_locale(void) {
  if (setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0) return true;
  return setlocale(LC_CTYPE, "C.UTF-8") != NULL;
}

bool opsh_is_terminal(int input, int output) { return isatty(input) && isatty(output); }

static char *prompt_of(EditLine *editline) {
  opsh_line_editor *editor = NULL;
  el_get(editline, EL_CLIENTDATA, &editor);
  return (char *)(editor && editor->prompt ? editor->prompt : "");
}

static FILE *stream(int descriptor, const char *mode) {
  int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
  FILE *file = copy < 0 ? NULL : fdopen(copy, mode);
  if (!file && copy >= 0) close(copy);
  return file;
}

static History *new_history(void) {
  HistEvent event;
  History *history_list = history_init();
  if (history_list) history(history_list, &event, H_SETSIZE, HISTORY_SIZE);
  return history_list;
}

// A TERM that this machine does not know is mostly a newer terminal that speaks xterm.
static void choose_terminal(opsh_line_editor *editor, const char *name) {
  if (editor->plain_terminal) {
    el_set(editor->editline, EL_TERMINAL, "dumb");
  } else if (el_set(editor->editline, EL_TERMINAL, name) != 0) {
    el_set(editor->editline, EL_TERMINAL, "xterm");
  }
}

static bool open_editor(opsh_line_editor *editor, int input, int output) {
  const char *terminal = getenv("TERM");
  editor->plain_terminal = !terminal || !*terminal || strcmp(terminal, "dumb") == 0;
  editor->input = stream(input, "r");
  editor->output = stream(output, "w");
  editor->errors = fopen("/dev/null", "we");
  if (!editor->input || !editor->output || !editor->errors) return false;
  editor->in = fileno(editor->input);
  editor->out = fileno(editor->output);
  if (!opsh_guard_install(editor->in, editor->out, editor->wake, !editor->plain_terminal)) return false;
  editor->history = new_history();
  editor->no_history = new_history();
  editor->editline = el_init("opsh", editor->input, editor->output, editor->errors);
  return editor->editline && editor->history && editor->no_history;
}

opsh_line_editor *opsh_line_editor_create(int input, int output, int wake, opsh_line_callbacks callbacks) {
  opsh_line_editor *editor = calloc(1, sizeof *editor);
  if (!editor) return NULL;
  editor->wake = wake;
  editor->callbacks = callbacks;
  errno = 0;
  if (!open_editor(editor, input, output)) {
    int error = errno ? errno : ENOMEM;
    // The guard of another editor must stay.
    if (error == EBUSY) editor->in = -1;
    opsh_line_editor_destroy(editor);
    errno = error;
    return NULL;
  }
  EditLine *editline = editor->editline;
  el_set(editline, EL_CLIENTDATA, editor);
  el_set(editline, EL_SIGNAL, 0);
  choose_terminal(editor, getenv("TERM"));
  el_set(editline, EL_PROMPT_ESC, prompt_of, '\1');
  el_set(editline, EL_GETCFN, opsh_read_character);
  // Functions first: binding a name that libedit does not know corrupts its heap.
  opsh_add_keys(editline);
  el_set(editline, EL_EDITOR, "emacs");
  opsh_ignore_keys(editline);
  el_source(editline, NULL); // the operator's own ~/.editrc; the keys that opsh depends on come after it
  opsh_bind_keys(editor);
  return editor;
}

void opsh_line_editor_destroy(opsh_line_editor *editor) {
  if (!editor) return;
  if (editor->editline) {
    el_set(editor->editline, EL_EDITMODE, 0); // keeps what was typed ahead
    el_end(editor->editline);
  }
  if (editor->in > 0) opsh_guard_remove();
  if (editor->history) history_end(editor->history);
  if (editor->no_history) history_end(editor->no_history);
  if (editor->input) fclose(editor->input);
  if (editor->output) fclose(editor->output);
  if (editor->errors) fclose(editor->errors);
  free(editor);
}

void opsh_line_editor_add_history(opsh_line_editor *editor, const char *entry) {
  HistEvent event;
  history(editor->history, &event, H_ENTER, entry);
}

static opsh_read_result result_of(opsh_line_editor *editor, const char *line, int count, char **text) {
  if (editor->interrupted) return OPSH_READ_INTERRUPTED;
  if (editor->stopped) return OPSH_READ_STOPPED;
  if (!line) return editor->ended || count == 0 ? OPSH_READ_END_OF_INPUT : OPSH_READ_FAILED;
  size_t length = strlen(line);
  if (length > 0 && line[length - 1] == '\n') length--;
  *text = strndup(line, length);
  return *text ? OPSH_READ_LINE : OPSH_READ_FAILED;
}

opsh_read_result opsh_line_editor_read(opsh_line_editor *editor, const char *prompt, bool question, char **text) {
  *text = NULL;
  editor->prompt = prompt;
  editor->question = question;
  editor->ended = editor->stopped = editor->interrupted = editor->searching = false;
  fflush(stdout);
  el_set(editor->editline, EL_HIST, history, question ? editor->no_history : editor->history);
  if (question) opsh_forget_typed_ahead(editor);
  // Armed first: a resize from here on wakes the read.
  opsh_enter_editing(editor);
  opsh_guard_take_continue();
  if (opsh_guard_take_resize()) el_resize(editor->editline);
  // libedit prints the prompt first and takes the terminal at the first character: a Ctrl-C or Ctrl-D typed as soon as the
  // prompt is seen would be the terminal driver's.
  el_set(editor->editline, EL_PREP_TERM, 1);
  opsh_disable_signal_keys(editor);
  int count = 0;
  const char *line = el_gets(editor->editline, &count);
  opsh_read_result result = result_of(editor, line, count, text);
  if (!line) opsh_move_below(editor);
  opsh_leave_editing(editor);
  editor->prompt = NULL;
  return result;
}

const uint32_t *opsh_line_editor_text(opsh_line_editor *editor, size_t *length, size_t *cursor) {
  _Static_assert(sizeof(wchar_t) == sizeof(uint32_t), "wide characters are code points on Linux");
  const LineInfoW *line = el_wline(editor->editline);
  *length = (size_t)(line->lastchar - line->buffer);
  *cursor = (size_t)(line->cursor - line->buffer);
  return (const uint32_t *)line->buffer;
}

static void move_to(opsh_line_editor *editor, size_t index) {
  const LineInfoW *line = el_wline(editor->editline);
  el_cursor(editor->editline, (int)((ptrdiff_t)index - (line->cursor - line->buffer)));
}

void opsh_line_editor_edit(
    opsh_line_editor *editor, size_t start, size_t removed, const uint32_t *inserted, size_t count, size_t cursor) {
  move_to(editor, start + removed);
  if (removed > 0) el_deletestr(editor->editline, (int)removed);
  if (count > 0) {
    wchar_t *text = calloc(count + 1, sizeof *text);
    if (!text) return;
    memcpy(text, inserted, count * sizeof *text);
    el_winsertstr(editor->editline, text);
    free(text);
  }
  move_to(editor, cursor);
}
