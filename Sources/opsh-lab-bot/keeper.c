// Starts and reaps every process of a lab.
//
// It is a "child subreaper" (prctl(2)): what opsh later starts on a lab host over ssh and leaves behind becomes its
// child, so no lab process is ever a zombie (process 1 of a container may not reap) and one tree holds the whole lab.
//
// Orders come as lines on the named pipe DIR/run/keeper.fifo (a directory only the owner may enter), fields by tabs:
//   PIDFILE LOGFILE DIRECTORY NAME=VALUE… -- PROGRAM ARGUMENT…
// A line is at most PIPE_BUF (4096) bytes: such writes are atomic (pipe(7)).
#define _GNU_SOURCE
#include "lab.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_FIELDS = 64, LINE_ROOM = 1 << 16 };

static int write_pid_file(const char *path) {
  char text[64];
  int count = snprintf(text, sizeof text, "%d %llu\n", (int)getpid(), start_ticks(getpid()));
  return replace_file(path, text, (size_t)count);
}

static int redirect(const char *log) {
  int input = open("/dev/null", O_RDONLY);
  int output = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (input < 0 || output < 0) return -1;
  if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0) return -1;
  if (input > 2) close(input);
  if (output > 2) close(output);
  return 0;
}

static void become(char **fields, int count) {
  setsid();
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  const int inherited[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGXFSZ, SIGCHLD};
  for (size_t i = 0; i < sizeof inherited / sizeof *inherited; i++) signal(inherited[i], SIG_DFL);
  if (redirect(fields[1]) < 0 || chdir(fields[2]) < 0 || write_pid_file(fields[0]) < 0) {
    say("error: cannot start in %s: %s", fields[2], strerror(errno));
    _exit(126);
  }
  int next = 3;
  for (; next < count && strcmp(fields[next], "--") != 0; next++) putenv(fields[next]);
  if (next + 1 >= count) _exit(126);
  execv(fields[next + 1], fields + next + 1);
  say("error: cannot run %s: %s", fields[next + 1], strerror(errno));
  _exit(127);
}

static void obey(char *line) {
  char *fields[MAX_FIELDS + 1];
  int count = 0;
  for (char *field = strtok(line, "\t"); field != NULL && count < MAX_FIELDS; field = strtok(NULL, "\t"))
    fields[count++] = field;
  fields[count] = NULL;
  if (count < 6) {
    say("error: not an order: %s", line);
    return;
  }
  pid_t child = fork();
  if (child == 0) become(fields, count);
  if (child < 0) say("error: cannot fork for %s: %s", fields[0], strerror(errno));
}

static void read_orders(int pipe) {
  static char text[LINE_ROOM];
  static size_t held;
  ssize_t count = read(pipe, text + held, sizeof text - held - 1);
  if (count <= 0) return;
  held += (size_t)count;
  text[held] = 0;
  char *line = text;
  for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
    *end = 0;
    obey(line);
  }
  held -= (size_t)(line - text);
  memmove(text, line, held);
  if (held >= sizeof text - 1) held = 0;
}

static int keep(int pipe) {
  sigset_t watched;
  sigemptyset(&watched);
  sigaddset(&watched, SIGCHLD);
  sigprocmask(SIG_BLOCK, &watched, NULL);
  int signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals < 0) return 1;
  while (true) {
    struct pollfd sources[] = {{.fd = pipe, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
    if (poll(sources, 2, -1) < 0 && errno != EINTR) return 1;
    if (sources[0].revents & POLLIN) read_orders(pipe);
    if (sources[1].revents & POLLIN) {
      struct signalfd_siginfo signal;
      while (read(signals, &signal, sizeof signal) == sizeof signal) continue;
      while (waitpid(-1, NULL, WNOHANG) > 0) continue;
    }
  }
}

int keeper_main(int argc, char **argv) {
  if (argc != 2 || chdir(argv[1]) < 0) {
    fprintf(stderr, "opsh-lab-bot: keeper needs the directory of a lab\n");
    return 64;
  }
  // Nothing of the program that starts a lab may stay open as long as the lab lives.
  close_range(3, ~0U, 0);
  if (mkfifo("run/keeper.fifo", 0600) < 0 && errno != EEXIST) goto failed;
  // Open for reading and writing: the pipe never reports an end when an orderer closes it.
  int pipe = open("run/keeper.fifo", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (pipe < 0) goto failed;
  pid_t child = fork();
  if (child < 0) goto failed;
  if (child > 0) return 0;
  setsid();
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 || redirect("run/keeper.log") < 0 || write_pid_file("run/keeper.pid") < 0) {
    return 1;
  }
  return keep(pipe);
failed:
  fprintf(stderr, "opsh-lab-bot: cannot keep the lab in %s: %s\n", argv[1], strerror(errno));
  return 1;
}
