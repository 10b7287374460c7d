// Counts presses of Ctrl-C: the handler only adds one to an event descriptor.
#define _GNU_SOURCE
#include "CEditLine.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

// High enough that no number of presses reaches it; eventfd(2) allows 2^64-2.
static const uint64_t end_mark = UINT64_C(1) << 62;

static atomic_int target = -1;
// Ctrl-C, and the polite ends: of a cancelled job, and of a connection that was lost.
static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
enum { NUMBERS = sizeof numbers / sizeof numbers[0] };
static struct sigaction before[NUMBERS];
static bool ours[NUMBERS];

static void on_interrupt(int number) {
  (void)number;
  int saved = errno;
  int descriptor = atomic_load(&target);
  uint64_t one = 1;
  if (descriptor >= 0 && write(descriptor, &one, sizeof one) < 0) { /* cannot be full */
  }
  errno = saved;
}

int opsh_interrupts_install(bool endings) {
  int descriptor = eventfd(0, EFD_CLOEXEC);
  if (descriptor < 0) return -1;
  int none = -1;
  if (!atomic_compare_exchange_strong(&target, &none, descriptor)) {
    close(descriptor);
    errno = EBUSY;
    return -1;
  }
  struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < NUMBERS; i++) {
    ours[i] = false;
    if (i > 0 && !endings) continue;
    sigaction(numbers[i], NULL, &before[i]);
    // nohup(1) asks to live on.
    if (i > 0 && before[i].sa_handler == SIG_IGN) continue;
    ours[i] = sigaction(numbers[i], &action, NULL) == 0;
  }
  return descriptor;
}

void opsh_interrupts_remove(int descriptor) {
  for (int i = 0; i < NUMBERS; i++)
    if (ours[i]) sigaction(numbers[i], &before[i], NULL);
  atomic_store(&target, -1);
  opsh_interrupts_end(descriptor);
}

uint64_t opsh_interrupts_wait(int descriptor) {
  for (;;) {
    uint64_t count = 0;
    ssize_t size = read(descriptor, &count, sizeof count);
    if (size < 0 && errno == EINTR) continue;
    return size == sizeof count && count < end_mark ? count : 0;
  }
}

void opsh_interrupts_end(int descriptor) {
  if (write(descriptor, &end_mark, sizeof end_mark) < 0) { /* cannot be full */
  }
}
