// Shared by the bot, the login service and the keeper: three small programs in one executable.
#ifndef OPSH_LAB_H
#define OPSH_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

int bot_main(void);
int keeper_main(int argc, char **argv);
int login_service_main(int argc, char **argv);

/// Field 22 of /proc/PID/stat, the start of a process in clock ticks after boot; 0 when there is no such process.
unsigned long long start_ticks(pid_t pid);

/// Seconds of the monotonic clock.
double monotonic(void);

/// Replaces a file as one step: a reader sees the old bytes or the new ones. 0, or -1 with errno.
int replace_file(const char *path, const char *bytes, size_t count);

/// Reads at most size - 1 bytes of a small file and ends them with NUL. The count, or -1 with errno.
ssize_t read_file(const char *path, char *into, size_t size);

/// Copies the value of the line `key=value` out of a small text; false if it is missing or does not fit.
bool line_value(const char *text, const char *key, char *into, size_t size);

/// One line with the time on standard output.
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/// A listening or connected socket for `127.0.0.1:PORT`; -1 with errno.
int tcp_listen(const char *address);
int tcp_connect(const char *address);

#endif
