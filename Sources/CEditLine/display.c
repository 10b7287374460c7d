// Where the cursor stands, computed as libedit paints, because libedit has no call that erases the line.
#define _GNU_SOURCE
#include "editor.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <wchar.h>

typedef struct {
  int row;
  int column;
  int columns;
} position;

static void advance(position *at, wchar_t character) {
  if (character == L'\n') {
    at->row++;
    at->column = 0;
    return;
  }
  int width = wcwidth(character);
  if (character == L'\t') width = 8 - at->column % 8;
  else if (character < 0x20 || character == 0x7f) width = 2;       // shown as ^X
  else if (width < 0) width = character > 0xffff ? 8 : 7;          // shown as \U+1234
  if (at->column + width > at->columns) {
    at->row++;
    at->column = 0;
  }
  at->column += width;
  if (at->column >= at->columns) {
    at->row++;
    at->column = 0;
  }
}

static position after_prompt(opsh_line_editor *editor) {
  position at = {.columns = opsh_line_editor_columns(editor)};
  bool escape = false;
  mbstate_t state = {0};
  for (const char *p = editor->prompt; p && *p;) {
    if (*p == '\1') {
      escape = !escape;
      p++;
      continue;
    }
    wchar_t character;
    size_t size = mbrtowc(&character, p, strlen(p), &state);
    if (size == (size_t)-1 || size == (size_t)-2 || size == 0) break;
    p += size;
    if (!escape) advance(&at, character);
  }
  return at;
}

int opsh_line_editor_columns(opsh_line_editor *editor) {
  int columns = 0;
  if (el_get(editor->editline, EL_GETTC, "co", &columns) != 0 || columns < 2) columns = 80;
  return columns;
}

static int rows(opsh_line_editor *editor) {
  int lines = 0;
  if (el_get(editor->editline, EL_GETTC, "li", &lines) != 0 || lines < 2) lines = 24;
  return lines;
}

// Rows between the top of the prompt and the cursor, and between the cursor and the end of the entry.
static void measure(opsh_line_editor *editor, int *above, int *below) {
  *above = *below = 0;
  if (editor->secret) return;
  position at = after_prompt(editor);
  const LineInfoW *line = el_wline(editor->editline);
  for (const wchar_t *p = line->buffer; p < line->cursor; p++) advance(&at, *p);
  *above = at.row;
  for (const wchar_t *p = line->cursor; p < line->lastchar; p++) advance(&at, *p);
  *below = at.row - *above;
  // libedit scrolls an entry that is taller than the screen.
  if (*above > rows(editor) - 1) *above = rows(editor) - 1;
}

void opsh_write(opsh_line_editor *editor, const char *bytes) { fputs(bytes, editor->output); }

void opsh_move_below(opsh_line_editor *editor) {
  int above, below;
  measure(editor, &above, &below);
  for (int i = 0; i <= below; i++) opsh_write(editor, "\n");
  opsh_write(editor, "\r");
  fflush(editor->output);
}

static void erase(opsh_line_editor *editor) {
  if (editor->plain_terminal) {
    opsh_write(editor, "\n");
    return;
  }
  int above, below;
  measure(editor, &above, &below);
  if (above > 0) fprintf(editor->output, "\033[%dA", above);
  opsh_write(editor, "\r\033[J");
}

static void paint(opsh_line_editor *editor) {
  if (editor->secret) opsh_write(editor, editor->prompt);
  fflush(editor->output);
  if (!editor->secret) el_set(editor->editline, EL_REFRESH);
}

void opsh_line_editor_print_above(opsh_line_editor *editor, const char *text, size_t length) {
  if (length == 0) return;
  erase(editor);
  fwrite(text, 1, length, editor->output);
  if (text[length - 1] != '\n') opsh_write(editor, "\n");
  paint(editor);
}

void opsh_repaint(opsh_line_editor *editor) {
  erase(editor);
  paint(editor);
}
