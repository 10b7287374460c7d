// Characters from the terminal, while other threads may wake the reader.
#define _GNU_SOURCE
#include "editor.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

// A paste whose end mark never comes must not swallow the keyboard for ever.
enum { PASTE_PATIENCE_MS = 2000 };
// Longer than a terminal needs between the bytes of one key, shorter than a hand needs between two.
enum { KEY_PATIENCE_MS = 30, KEY_LIMIT = 16 };

int opsh_wake_create(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void opsh_wake(int wake) {
  uint64_t one = 1;
  if (write(wake, &one, sizeof one) < 0) { /* full means awake already */
  }
}

// Ctrl-C and Ctrl-Z are keys while a line is edited. libedit puts its own settings back after a quoted
// insert and after a stop, so this looks every time.
void opsh_disable_signal_keys(opsh_line_editor *editor) {
  struct termios settings;
  if (tcgetattr(editor->in, &settings) != 0) return;
  if (settings.c_cc[VINTR] == _POSIX_VDISABLE && settings.c_cc[VSUSP] == _POSIX_VDISABLE) return;
  settings.c_cc[VINTR] = settings.c_cc[VSUSP] = _POSIX_VDISABLE;
  tcsetattr(editor->in, TCSANOW, &settings);
}

// What was typed before a question was on the screen is no answer to it; who typed it is told.
void opsh_forget_typed_ahead(opsh_line_editor *editor) {
  int waiting = 0;
  if (ioctl(editor->in, FIONREAD, &waiting) == 0 && waiting > 0)
    opsh_write(editor, "input typed before this question was ignored\n");
  tcflush(editor->in, TCIFLUSH);
}

static void hide_input(opsh_line_editor *editor) {
  struct termios settings;
  if (tcgetattr(editor->in, &settings) != 0) return;
  settings.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON);
  settings.c_cc[VMIN] = 1;
  settings.c_cc[VTIME] = 0;
  tcsetattr(editor->in, TCSADRAIN, &settings);
}

void opsh_enter_editing(opsh_line_editor *editor) {
  opsh_guard_arm();
  if (!editor->plain_terminal && !editor->secret) opsh_write(editor, "\033[?2004h");
  fflush(editor->output);
  if (editor->secret) hide_input(editor);
}

void opsh_leave_editing(opsh_line_editor *editor) {
  fflush(editor->output);
  opsh_guard_disarm();
}

// After a stop the shell has put its own settings on the terminal: start from cooked again.
static void resume(opsh_line_editor *editor) {
  if (!editor->secret) {
    el_set(editor->editline, EL_PREP_TERM, 0);
    el_set(editor->editline, EL_PREP_TERM, 1);
    opsh_disable_signal_keys(editor);
  }
  opsh_enter_editing(editor);
  opsh_repaint(editor);
}

static bool woken(opsh_line_editor *editor) {
  uint64_t count;
  if (read(editor->wake, &count, sizeof count) < 0) { /* another wake took it */
  }
  if (opsh_guard_take_continue()) resume(editor);
  if (opsh_guard_take_resize() && !editor->secret) {
    el_resize(editor->editline);
    opsh_repaint(editor);
  }
  return editor->callbacks.wake(editor->callbacks.context);
}

// 1: a byte, 0: end of input, -1: stopped or failed.
static int read_byte(opsh_line_editor *editor, char *byte) {
  for (;;) {
    opsh_disable_signal_keys(editor);
    struct pollfd polled[2] = {{.fd = editor->in, .events = POLLIN}, {.fd = editor->wake, .events = POLLIN}};
    int ready = poll(polled, 2, editor->pasting ? PASTE_PATIENCE_MS : -1);
    if (ready < 0 && errno != EINTR) return -1;
    if (ready < 0) continue;
    if (ready == 0) return 0;
    if (polled[1].revents && !woken(editor)) {
      editor->stopped = true;
      return -1;
    }
    if (!polled[0].revents) continue;
    ssize_t size = read(editor->in, byte, 1);
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size <= 0) editor->ended = true; // also EIO: the terminal hung up
    return size <= 0 ? 0 : 1;
  }
}

static int read_character(opsh_line_editor *editor, wchar_t *character) {
  char bytes[MB_LEN_MAX];
  for (size_t count = 0;;) {
    int got = read_byte(editor, &bytes[count]);
    if (got != 1) return got;
    count++;
    mbstate_t state = {0};
    size_t size = mbrtowc(character, bytes, count, &state);
    if (size == (size_t)-2 && count < sizeof bytes) continue;
    if (size <= count && *character != 0) return 1;
    count = 0; // not UTF-8, or NUL
  }
}

// True when more of a key's sequence has come: a terminal sends it in one piece.
static bool follows(opsh_line_editor *editor) {
  struct pollfd polled = {.fd = editor->in, .events = POLLIN};
  return poll(&polled, 1, KEY_PATIENCE_MS) > 0;
}

// libedit ends its search at an escape and then types the rest of the key: the whole key is pressed again after it.
static void end_search(opsh_line_editor *editor, wchar_t character) {
  static const wchar_t searched[] = {8, 0x12, 0x13, 0x17}; // Backspace, Ctrl-R, Ctrl-S, Ctrl-W
  if (character >= 0x20 || wmemchr(searched, character, sizeof searched / sizeof searched[0])) return;
  editor->searching = false;
  if (character != 033) return;
  char keys[KEY_LIMIT + 2] = {033};
  for (size_t count = 1; count <= KEY_LIMIT && follows(editor); count++) {
    if (read_byte(editor, &keys[count]) != 1) return;
    // ESC x, ESC O x, or ESC [ digits and semicolons x
    bool opens = count == 1 && (keys[count] == '[' || keys[count] == 'O');
    if (!opens && keys[count] >= 0x40) break;
    if (count == 1 && !opens) break;
  }
  if (keys[1]) el_push(editor->editline, keys);
}

int opsh_read_character(EditLine *editline, wchar_t *character) {
  opsh_line_editor *editor = NULL;
  el_get(editline, EL_CLIENTDATA, &editor);
  int got = read_character(editor, character);
  if (got == 1 && editor->searching) end_search(editor, *character);
  return got;
}

static opsh_read_result read_hidden(opsh_line_editor *editor, wchar_t *buffer, size_t capacity, size_t *count) {
  for (;;) {
    wchar_t character;
    int got = opsh_read_character(editor->editline, &character);
    if (editor->stopped) return OPSH_READ_STOPPED;
    if (got < 0) return OPSH_READ_FAILED;
    if (got == 0) return OPSH_READ_END_OF_INPUT;
    if (character == 4 && *count == 0) return OPSH_READ_END_OF_INPUT;
    if (character == opsh_guard_key(VINTR) || character == 3) return OPSH_READ_INTERRUPTED;
    if (character == L'\n' || character == L'\r') return OPSH_READ_LINE;
    if (character == 0x7f || character == 8) {
      if (*count > 0) --*count;
    } else if (character == 0x15) {
      *count = 0;
    } else if (character >= 0x20 && *count < capacity - 1) {
      buffer[(*count)++] = character;
    }
  }
}

opsh_read_result opsh_line_editor_read_secret(opsh_line_editor *editor, const char *prompt, char **text) {
  wchar_t buffer[1024];
  size_t count = 0;
  *text = NULL;
  editor->secret = true;
  editor->prompt = prompt;
  editor->ended = editor->stopped = editor->interrupted = false;
  opsh_forget_typed_ahead(editor);
  opsh_write(editor, prompt);
  opsh_enter_editing(editor);
  opsh_read_result result = read_hidden(editor, buffer, sizeof buffer / sizeof buffer[0], &count);
  opsh_write(editor, "\n");
  opsh_leave_editing(editor);
  editor->secret = false;
  editor->prompt = NULL;
  if (result == OPSH_READ_LINE) {
    buffer[count] = 0;
    size_t capacity = count * MB_LEN_MAX + 1;
    *text = calloc(capacity, 1);
    if (!*text || wcstombs(*text, buffer, capacity) == (size_t)-1) result = OPSH_READ_FAILED;
  }
  explicit_bzero(buffer, sizeof buffer);
  return result;
}
