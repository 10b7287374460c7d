#define _GNU_SOURCE
#include "lab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

unsigned long long start_ticks(pid_t pid) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  if (read_file(path, text, sizeof text) <= 0) return 0;
  // proc(5): the name in parentheses may hold spaces and parentheses, so count fields from the last one.
  char *field = strrchr(text, ')');
  if (field == NULL) return 0;
  field++;
  for (int number = 2; number < 21; number++) {
    field = strchr(field + 1, ' ');
    if (field == NULL) return 0;
  }
  return strtoull(field + 1, NULL, 10);
}

double monotonic(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int replace_file(const char *path, const char *bytes, size_t count) {
  char next[4096];
  if ((size_t)snprintf(next, sizeof next, "%s.next", path) >= sizeof next) {
    errno = ENAMETOOLONG;
    return -1;
  }
  int fd = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return -1;
  ssize_t written = write(fd, bytes, count);
  int problem = written < 0 ? errno : ENOSPC;
  close(fd);
  if (written != (ssize_t)count) {
    unlink(next);
    errno = problem;
    return -1;
  }
  return rename(next, path);
}

ssize_t read_file(const char *path, char *into, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  ssize_t count = read(fd, into, size - 1);
  close(fd);
  if (count >= 0) into[count] = 0;
  return count;
}

bool line_value(const char *text, const char *key, char *into, size_t size) {
  size_t length = strlen(key);
  for (const char *line = text; line != NULL && *line != 0;) {
    const char *end = strchrnul(line, '\n');
    if (strncmp(line, key, length) == 0 && line[length] == '=') {
      size_t count = (size_t)(end - line) - length - 1;
      if (count >= size) return false;
      memcpy(into, line + length + 1, count);
      into[count] = 0;
      return true;
    }
    line = *end == 0 ? NULL : end + 1;
  }
  return false;
}

void say(const char *format, ...) {
  char line[1024], stamp[32];
  time_t now = time(NULL);
  struct tm utc;
  gmtime_r(&now, &utc);
  strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &utc);
  int count = snprintf(line, sizeof line, "%s ", stamp);
  va_list arguments;
  va_start(arguments, format);
  count += vsnprintf(line + count, sizeof line - (size_t)count - 1, format, arguments);
  va_end(arguments);
  if (count > (int)sizeof line - 2) count = (int)sizeof line - 2;
  line[count++] = '\n';
  // A log that cannot be written (a full disk) must not stop the program.
  ssize_t written = write(STDOUT_FILENO, line, (size_t)count);
  (void)written;
}

static int parse_address(const char *text, struct sockaddr_in *address) {
  char host[64];
  const char *colon = strrchr(text, ':');
  if (colon == NULL || (size_t)(colon - text) >= sizeof host) goto invalid;
  memcpy(host, text, (size_t)(colon - text));
  host[colon - text] = 0;
  memset(address, 0, sizeof *address);
  address->sin_family = AF_INET;
  char *end;
  unsigned long port = strtoul(colon + 1, &end, 10);
  if (*end != 0 || end == colon + 1 || port > 65535) goto invalid;
  address->sin_port = htons((uint16_t)port);
  if (inet_pton(AF_INET, host, &address->sin_addr) == 1) return 0;
invalid:
  errno = EINVAL;
  return -1;
}

int tcp_listen(const char *text) {
  struct sockaddr_in address;
  if (parse_address(text, &address) < 0) return -1;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 1024) == 0) return fd;
  int problem = errno;
  close(fd);
  errno = problem;
  return -1;
}

int tcp_connect(const char *text) {
  struct sockaddr_in address;
  if (parse_address(text, &address) < 0) return -1;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
  int problem = errno;
  close(fd);
  errno = problem;
  return -1;
}
