// Kills or stops a program at a chosen moment, or takes its disk or its clock away. Loaded with LD_PRELOAD; opsh knows nothing of it.
//
//   CRASH_PROGRAM   base name of the program it works in; in all others it does nothing
//   CRASH_FILES     what the path of a file must contain to be watched
//   CRASH_COUNT     file that gets one line a sync: its number and the file's path
//   CRASH_AT        number of the sync at which the program is killed
//   CRASH_STOPPED   file that gets the process id; the program is then stopped and not killed
//   CRASH_WHEN      "before" the sync is done, "after" it, or when something is about to be "sent" over the network next
//   CRASH_DISK      "full" or "read-only": what writing watched files is refused with
//   CRASH_DISK_AT   the write from which on it is refused; 1 is the first
//   CRASH_DISK_FLAG path of a file: writes are refused while it exists
//   CRASH_CLOCK     seconds that are added to the wall clock

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const char *files, *count_file, *stopped_file, *flag;
static long kill_at, refuse_at;
static enum { before, after, sent } moment;
static int refusal;
static double clock_offset;
static atomic_long syncs, writes;
static atomic_int is_armed;

__attribute__((constructor)) static void read_environment(void) {
  const char *program = getenv("CRASH_PROGRAM"), *text;
  char path[4096];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  if (program == NULL || length <= 0) return;
  path[length] = 0;
  if (strcmp(strrchr(path, '/') + 1, program) != 0) return;
  files = getenv("CRASH_FILES");
  count_file = getenv("CRASH_COUNT");
  stopped_file = getenv("CRASH_STOPPED");
  flag = getenv("CRASH_DISK_FLAG");
  if ((text = getenv("CRASH_AT"))) kill_at = atol(text);
  if ((text = getenv("CRASH_WHEN"))) moment = strcmp(text, "sent") == 0 ? sent : strcmp(text, "after") == 0 ? after : before;
  if ((text = getenv("CRASH_DISK"))) refusal = strcmp(text, "read-only") == 0 ? EROFS : ENOSPC;
  if ((text = getenv("CRASH_DISK_AT"))) refuse_at = atol(text);
  if ((text = getenv("CRASH_CLOCK"))) clock_offset = atof(text);
}

static int is_watched_path(const char *path) { return files != NULL && strstr(path, files) != NULL; }

static int path_of(int descriptor, char *path, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, size - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return 1;
}

static int is_watched(int descriptor) {
  char path[4096];
  return files != NULL && path_of(descriptor, path, sizeof path) && is_watched_path(path);
}

// The program's own functions are left out: they are replaced here.
static void note(const char *path, int flags, const char *text, size_t length) {
  int out = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
  if (out < 0 || syscall(SYS_write, out, text, length) < 0) abort();
  syscall(SYS_close, out);
}

static void strike(void) {
  if (stopped_file != NULL) {
    char path[4096], text[32];
    snprintf(path, sizeof path, "%s.new", stopped_file);
    note(path, O_TRUNC, text, snprintf(text, sizeof text, "%d\n", getpid()));
    if (rename(path, stopped_file) != 0) abort();
    syscall(SYS_kill, getpid(), SIGSTOP);
    return;
  }
  // Not raise: no other thread may do another step of its own meanwhile.
  syscall(SYS_kill, getpid(), SIGKILL);
  for (;;) pause();
}

static int synced(int descriptor, int (*sync)(int)) {
  char path[4096];
  if (files == NULL || !path_of(descriptor, path, sizeof path) || !is_watched_path(path)) return sync(descriptor);
  long number = atomic_fetch_add(&syncs, 1) + 1;
  if (count_file != NULL) {
    char line[4200];
    int length = snprintf(line, sizeof line, "%ld %s\n", number, path);
    note(count_file, O_APPEND, line, length);
  }
  if (number == kill_at && moment == before) strike();
  int result = sync(descriptor);
  if (number == kill_at && moment == after) strike();
  if (number == kill_at && moment == sent) is_armed = 1;
  return result;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int descriptor) { return synced(descriptor, REAL(fsync)); }
int fdatasync(int descriptor) { return synced(descriptor, REAL(fdatasync)); }

ssize_t send(int descriptor, const void *bytes, size_t count, int flags) {
  if (atomic_exchange(&is_armed, 0)) strike();
  return REAL(send)(descriptor, bytes, count, flags);
}

// Whether this write is refused; errno says why.
static int refuses(int watched) {
  if (refusal == 0 || !watched) return 0;
  int refused = flag != NULL && access(flag, F_OK) == 0;
  if (refuse_at > 0 && atomic_fetch_add(&writes, 1) + 1 >= refuse_at) refused = 1;
  if (refused) errno = refusal;
  return refused;
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  if (refusal != 0 && refuses(is_watched(descriptor))) return -1;
  return REAL(write)(descriptor, bytes, count);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  if (refusal != 0 && refuses(is_watched(descriptor))) return -1;
  return REAL(pwrite)(descriptor, bytes, count, offset);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
  if (refusal != 0 && refuses(is_watched(descriptor))) return -1;
  return REAL(pwrite64)(descriptor, bytes, count, offset);
}

// A directory that cannot be written refuses new files and opening for writing, too.
static int refuses_open(const char *path, int flags) {
  int writes_it = (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT) != 0;
  return refusal == EROFS && writes_it && refuses(is_watched_path(path));
}

#define OPEN(name)                                                  \
  int name(const char *path, int flags, ...) {                      \
    mode_t mode = 0;                                                \
    if ((flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE) {    \
      va_list rest;                                                 \
      va_start(rest, flags);                                        \
      mode = va_arg(rest, mode_t);                                  \
      va_end(rest);                                                 \
    }                                                               \
    if (refuses_open(path, flags)) return -1;                       \
    return REAL(name)(path, flags, mode);                           \
  }

OPEN(open)
OPEN(open64)

int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = (int)syscall(SYS_clock_gettime, clock, time);
  if (result == 0 && clock == CLOCK_REALTIME) time->tv_sec += (time_t)clock_offset;
  return result;
}
