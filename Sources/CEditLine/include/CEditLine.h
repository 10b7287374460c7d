// libedit behind functions that Swift can call: no variadics, no libedit types, UTF-8 and code points only.
#ifndef OPSH_CEDITLINE_H
#define OPSH_CEDITLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A line editor on a terminal. Only one thread may use it; opsh_wake is the only call for other threads.
typedef struct opsh_line_editor opsh_line_editor;

// Keys whose meaning the caller decides.
typedef enum {
  OPSH_KEY_ENTER,
  OPSH_KEY_NEWLINE,
  OPSH_KEY_TAB,
  OPSH_KEY_UP,
  OPSH_KEY_DOWN,
  OPSH_KEY_LINE_START,
  OPSH_KEY_LINE_END,
  OPSH_KEY_KILL_TO_END,
  OPSH_KEY_KILL_TO_START,
  OPSH_KEY_INTERRUPT,
  OPSH_KEY_DELETE_OR_END,
  OPSH_KEY_COUNT,
} opsh_key;

// What libedit does after a key.
typedef enum {
  OPSH_AFTER_NOTHING,
  OPSH_AFTER_REFRESH,
  OPSH_AFTER_BEEP,
  OPSH_AFTER_END_OF_INPUT,
} opsh_after;

// Commands of libedit that a key can be turned into.
typedef enum {
  OPSH_COMMAND_SUBMIT,
  OPSH_COMMAND_DELETE_NEXT,
  OPSH_COMMAND_KILL_TO_LINE_END,
  OPSH_COMMAND_KILL_TO_LINE_START,
} opsh_command;

typedef enum {
  OPSH_READ_LINE,
  OPSH_READ_END_OF_INPUT,
  OPSH_READ_INTERRUPTED,
  OPSH_READ_STOPPED,
  OPSH_READ_FAILED,
} opsh_read_result;

typedef struct {
  void *context;
  // A key of the list above was pressed; runs on the thread that reads.
  opsh_after (*key)(void *context, opsh_key key);
  // The wake descriptor was signalled; false ends the read with OPSH_READ_STOPPED.
  bool (*wake)(void *context);
} opsh_line_callbacks;

// Makes LC_CTYPE a UTF-8 locale: the environment's, else C.UTF-8. libedit drops every non-ASCII key without it.
bool opsh_use_utf8_locale(void);

// True when both descriptors are terminals.
bool opsh_is_terminal(int input, int output);

// An event descriptor that wakes a read; -1 with errno on failure.
int opsh_wake_create(void);
void opsh_wake(int wake);

// NULL with errno on failure; EBUSY when this process has an editor already.
opsh_line_editor *opsh_line_editor_create(int input, int output, int wake, opsh_line_callbacks callbacks);
void opsh_line_editor_destroy(opsh_line_editor *editor);

// Reads one entry; `*text` is the caller's to free, only with OPSH_READ_LINE.
// `prompt` holds escape runs between \1 bytes. `question` leaves history and newlines out.
opsh_read_result opsh_line_editor_read(opsh_line_editor *editor, const char *prompt, bool question, char **text);
// Reads one line without showing it; `*text` is the caller's to clear and free.
opsh_read_result opsh_line_editor_read_secret(opsh_line_editor *editor, const char *prompt, char **text);

void opsh_line_editor_add_history(opsh_line_editor *editor, const char *entry);

// For use inside callbacks.
const uint32_t *opsh_line_editor_text(opsh_line_editor *editor, size_t *length, size_t *cursor);
void opsh_line_editor_edit(
    opsh_line_editor *editor, size_t start, size_t removed, const uint32_t *inserted, size_t count, size_t cursor);
void opsh_line_editor_run(opsh_line_editor *editor, opsh_command command);
// Prints whole lines above the prompt and paints the prompt and the entry again.
void opsh_line_editor_print_above(opsh_line_editor *editor, const char *text, size_t length);
int opsh_line_editor_columns(opsh_line_editor *editor);

// Ctrl-C as numbers on a descriptor: each SIGINT adds one, and with `endings` each SIGTERM and SIGHUP that is not ignored.
// -1 with errno; EBUSY when one is installed already.
int opsh_interrupts_install(bool endings);
void opsh_interrupts_remove(int descriptor);
// Blocks for the next presses; 0 when the descriptor was ended.
uint64_t opsh_interrupts_wait(int descriptor);
void opsh_interrupts_end(int descriptor);

#endif
