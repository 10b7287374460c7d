// Gives the terminal back on every way out, also when a signal kills the process while a line is edited.
#define _GNU_SOURCE
#include "editor.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static struct {
  struct termios settings;
  int terminal;
  int output;
  int wake;
  bool escapes;
} guard = {.terminal = -1};

static volatile sig_atomic_t installed;
static volatile sig_atomic_t armed;
static volatile sig_atomic_t resized;
static volatile sig_atomic_t continued;
static volatile sig_atomic_t continues;

// Signals that end the process. A crash is passed to the handler that was there before (the Swift backtracer);
// a polite one is left alone when somebody else handles or ignores it, because then the process lives on.
static const struct {
  int number;
  bool crash;
} endings[] = {
    {SIGINT, false}, {SIGTERM, false}, {SIGHUP, false}, {SIGQUIT, false}, {SIGSEGV, true},
    {SIGABRT, true}, {SIGBUS, true},   {SIGILL, true},  {SIGFPE, true},   {SIGTRAP, true},
};
enum { ENDINGS = sizeof endings / sizeof endings[0] };
static struct sigaction before[ENDINGS];
static bool ours[ENDINGS];
static struct sigaction before_resize, before_continue;

// Async-signal-safe: tcgetpgrp, tcsetattr and write are (man 7 signal-safety).
static void restore(void) {
  // A background process must not touch the terminal: it belongs to somebody else now.
  if (tcgetpgrp(guard.terminal) != getpgrp()) return;
  static const char off[] = "\033[?2004l\r\n";
  if (guard.escapes && write(guard.output, off, sizeof off - 1) < 0) { /* nothing left to try */
  }
  tcsetattr(guard.terminal, TCSANOW, &guard.settings);
}

static void on_ending(int number) {
  int saved = errno;
  if (armed) {
    armed = 0;
    restore();
  }
  for (int i = 0; i < ENDINGS; i++)
    if (endings[i].number == number) sigaction(number, &before[i], NULL);
  // Blocked until this handler returns; then the former action, mostly death, takes place.
  raise(number);
  errno = saved;
}

static void on_change(int number) {
  int saved = errno;
  if (number == SIGWINCH) {
    resized = 1;
  } else {
    continued = 1;
    continues = (continues + 1) & 0xffff;
  }
  if (armed) opsh_wake(guard.wake);
  errno = saved;
}

static void on_exit_of_process(void) {
  if (installed) opsh_guard_disarm();
}

bool opsh_guard_install(int terminal, int output, int wake, bool escapes) {
  static bool registered;
  if (installed) return errno = EBUSY, false;
  if (tcgetattr(terminal, &guard.settings) != 0) return false;
  guard.terminal = terminal;
  guard.output = output;
  guard.wake = wake;
  guard.escapes = escapes;
  if (!registered) registered = atexit(on_exit_of_process) == 0;
  installed = 1;

  struct sigaction action = {.sa_handler = on_ending, .sa_flags = SA_ONSTACK};
  sigemptyset(&action.sa_mask);
  sigaddset(&action.sa_mask, SIGTTOU);
  for (int i = 0; i < ENDINGS; i++) {
    sigaction(endings[i].number, NULL, &before[i]);
    ours[i] = endings[i].crash || (!(before[i].sa_flags & SA_SIGINFO) && before[i].sa_handler == SIG_DFL);
    if (ours[i]) sigaction(endings[i].number, &action, NULL);
  }
  struct sigaction change = {.sa_handler = on_change, .sa_flags = SA_RESTART};
  sigemptyset(&change.sa_mask);
  sigaction(SIGWINCH, &change, &before_resize);
  sigaction(SIGCONT, &change, &before_continue);
  return true;
}

void opsh_guard_remove(void) {
  if (!installed) return;
  opsh_guard_disarm();
  for (int i = 0; i < ENDINGS; i++) {
    struct sigaction now;
    sigaction(endings[i].number, NULL, &now);
    if (ours[i] && now.sa_handler == on_ending) sigaction(endings[i].number, &before[i], NULL);
  }
  sigaction(SIGWINCH, &before_resize, NULL);
  sigaction(SIGCONT, &before_continue, NULL);
  installed = 0;
}

void opsh_guard_arm(void) { armed = 1; }

void opsh_guard_disarm(void) {
  if (!armed) return;
  armed = 0;
  if (guard.escapes && write(guard.output, "\033[?2004l", 8) < 0) { /* the terminal is gone */
  }
  tcsetattr(guard.terminal, TCSADRAIN, &guard.settings);
}

unsigned char opsh_guard_key(int index) { return guard.settings.c_cc[index]; }
int opsh_guard_continues(void) { return continues; }

bool opsh_guard_take_resize(void) {
  bool was = resized;
  resized = 0;
  return was;
}

bool opsh_guard_take_continue(void) {
  bool was = continued;
  continued = 0;
  return was;
}
