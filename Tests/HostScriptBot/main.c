// A bot for the tests: writes its heartbeat and obeys SIGTERM. BEHAVIOUR in the file `behaviour` of its image, beside
// bin/, picks another life: crash (ends at once), fade (ends after 0.7 s), deaf (ignores SIGTERM),
// brood (has a child that ignores SIGTERM), mute (never logs in).
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t stopping;

static void stop(int signal) {
  (void)signal;
  stopping = 1;
}

static void heartbeat(long since, const char *login) {
  FILE *file = fopen("heartbeat.tmp", "w");
  if (file == NULL) return;
  fprintf(file, "pid=%d\nversion=test\nlogin=%s\nsince=%ld\nat=%ld\n", (int)getpid(), login, since, (long)time(NULL));
  fclose(file);
  rename("heartbeat.tmp", "heartbeat");
}

int main(void) {
  char behaviour[16] = "";
  FILE *file = fopen("image/behaviour", "r");
  if (file != NULL) {
    if (fgets(behaviour, sizeof behaviour, file) == NULL) behaviour[0] = 0;
    fclose(file);
  }
  if (strncmp(behaviour, "crash", 5) == 0) {
    fprintf(stderr, "cannot read the\tstrategy: 100%% broken\n");
    return 3;
  }
  struct sigaction action = {.sa_handler = strncmp(behaviour, "deaf", 4) == 0 ? SIG_IGN : stop};
  sigaction(SIGTERM, &action, NULL);
  if (strncmp(behaviour, "brood", 5) == 0 && fork() == 0) {
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGTERM, &ignore, NULL);
    sleep(600);
    return 0;
  }
  const char *name = getenv("BOT_ID");
  printf("%s begins\n", name == NULL ? "?" : name);
  fflush(stdout);
  long since = (long)time(NULL);
  for (int turn = 0; !stopping; turn++) {
    if (turn % 10 == 0) heartbeat(since, strncmp(behaviour, "mute", 4) == 0 ? "no" : "yes");
    if (turn == 7 && strncmp(behaviour, "fade", 4) == 0) return 4;
    // A test that forgets a bot must not leave it behind for long.
    if (turn > 6000) return 5;
    usleep(100000);
  }
  return 0;
}
