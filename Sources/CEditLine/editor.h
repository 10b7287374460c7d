// Shared by the files of this target only.
#ifndef OPSH_EDITOR_H
#define OPSH_EDITOR_H

#include "CEditLine.h"

#include <histedit.h>
#include <stdio.h>

struct opsh_line_editor {
  EditLine *editline;
  History *history;
  History *no_history;
  FILE *input;
  FILE *output;
  FILE *errors;
  int in;
  int out;
  int wake;
  opsh_line_callbacks callbacks;
  const char *prompt;
  bool plain_terminal; // TERM=dumb: no escape sequences at all
  bool question;
  bool secret;
  bool pasting;
  bool searching; // in libedit's incremental search
  bool ended;
  bool stopped;
  bool interrupted;
};

// input.c
int opsh_read_character(EditLine *editline, wchar_t *character);
void opsh_enter_editing(opsh_line_editor *editor);
void opsh_leave_editing(opsh_line_editor *editor);
void opsh_forget_typed_ahead(opsh_line_editor *editor);
void opsh_disable_signal_keys(opsh_line_editor *editor);

// keys.c
void opsh_add_keys(EditLine *editline);
void opsh_ignore_keys(EditLine *editline);
void opsh_bind_keys(opsh_line_editor *editor);

// display.c
void opsh_move_below(opsh_line_editor *editor);
void opsh_repaint(opsh_line_editor *editor);
void opsh_write(opsh_line_editor *editor, const char *bytes);

// guard.c: one terminal a process
bool opsh_guard_install(int terminal, int output, int wake, bool escapes);
void opsh_guard_remove(void);
void opsh_guard_arm(void);
void opsh_guard_disarm(void); // also restores the settings
unsigned char opsh_guard_key(int index);
int opsh_guard_continues(void);
bool opsh_guard_take_resize(void);
bool opsh_guard_take_continue(void);

#endif
