// A trading bot without the trading: it logs in, keeps the session, writes a heartbeat and a log, and stops on SIGTERM.
//
// Environment: BOT_ID, BOT_HOME; LOGIN_ADDRESS or the line `address=` of login.conf beside BOT_HOME;
// the lines `feed=` and `listen=`, the bot that serves prices and where it does; BOT_READY, what it says once it is logged in;
// BOT_STOP_DELAY or the line `stop_delay=`, seconds between SIGTERM and the exit. Image: `version` (a name) and `bot.conf` (`behaviour=`).
#define _GNU_SOURCE
#include "lab.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// The contract of the process runtime is a heartbeat at least every 2 s.
static const double heartbeat_period = 1.5;
static const double laggard_wait = 20;
static const double reply_limit = 10;

enum { PATH_ROOM = 3072, flood_lines = 500 };

struct bot {
  const char *id;
  const char *home;
  char version[64];
  char behaviour[32];
  char address[64];
  char host[128];
  char lab[PATH_ROOM];
  char heartbeat[PATH_ROOM];
  time_t since;
  const char *login;
  double stop_delay;
  int prices;
  int session;
  double next_try;
  double reply_by;
  double back_off;
};

static void chomp(char *text) { text[strcspn(text, "\r\n")] = 0; }

static bool setting(const char *directory, const char *file, const char *key, char *into, size_t size) {
  char path[2 * PATH_MAX], text[4096];
  snprintf(path, sizeof path, "%s/%s", directory, file);
  return read_file(path, text, sizeof text) > 0 && line_value(text, key, into, size);
}

static int load(struct bot *bot) {
  bot->id = getenv("BOT_ID");
  bot->home = getenv("BOT_HOME");
  if (bot->id == NULL || bot->home == NULL || strlen(bot->home) > PATH_ROOM - 64) {
    say("error: BOT_ID and BOT_HOME must be set");
    return -1;
  }
  char image[PATH_MAX];
  ssize_t count = readlink("/proc/self/exe", image, sizeof image - 1);
  if (count < 0) return -1;
  image[count] = 0;
  for (int up = 0; up < 2; up++) {
    char *slash = strrchr(image, '/');
    if (slash != NULL) *slash = 0;
  }
  char path[PATH_MAX + 16];
  snprintf(path, sizeof path, "%s/version", image);
  if (read_file(path, bot->version, sizeof bot->version) <= 0) strcpy(bot->version, "unknown");
  chomp(bot->version);
  if (!setting(image, "bot.conf", "behaviour", bot->behaviour, sizeof bot->behaviour)) bot->behaviour[0] = 0;

  char root[PATH_ROOM];
  snprintf(root, sizeof root, "%s/..", bot->home);
  const char *address = getenv("LOGIN_ADDRESS");
  if (address != NULL) snprintf(bot->address, sizeof bot->address, "%s", address);
  else setting(root, "login.conf", "address", bot->address, sizeof bot->address);
  setting(root, "login.conf", "host", bot->host, sizeof bot->host);
  setting(root, "login.conf", "lab", bot->lab, sizeof bot->lab);
  const char *delay = getenv("BOT_STOP_DELAY");
  char configured[32] = "0";
  if (delay == NULL) setting(root, "login.conf", "stop_delay", configured, sizeof configured);
  bot->stop_delay = atof(delay == NULL ? configured : delay);
  char feed[128] = "", listen[64] = "";
  setting(root, "login.conf", "feed", feed, sizeof feed);
  if (strcmp(feed, bot->id) == 0 && setting(root, "login.conf", "listen", listen, sizeof listen)) {
    bot->prices = tcp_listen(listen);
    if (bot->prices < 0) say("error: cannot serve prices on %s: %s", listen, strerror(errno));
  }
  snprintf(bot->heartbeat, sizeof bot->heartbeat, "%s/heartbeat", bot->home);
  return 0;
}

/// Whether the lab has broken this host in that way.
static bool broken(const struct bot *bot, const char *kind) {
  if (bot->lab[0] == 0 || bot->host[0] == 0) return false;
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/breaks/%s/%s", bot->lab, bot->host, kind);
  return access(path, F_OK) == 0;
}

static void beat(const struct bot *bot) {
  char text[512];
  int count = snprintf(text, sizeof text, "pid=%d\nversion=%s\nlogin=%s\nsince=%lld\nat=%lld\n", (int)getpid(),
                       bot->version, bot->login, (long long)bot->since, (long long)time(NULL));
  static bool failing;
  if (replace_file(bot->heartbeat, text, (size_t)count) == 0) {
    failing = false;
  } else if (!failing) {
    failing = true;
    say("error: cannot write the heartbeat: %s", strerror(errno));
  }
}

static void lose_session(struct bot *bot, const char *state, double wait) {
  if (bot->session >= 0) close(bot->session);
  bot->session = -1;
  bot->reply_by = 0;
  bot->login = state;
  bot->next_try = monotonic() + wait;
}

static double growing_wait(struct bot *bot) {
  bot->back_off = bot->back_off == 0 ? 0.25 : bot->back_off * 2;
  if (bot->back_off > 8) bot->back_off = 8;
  return bot->back_off * (0.75 + 0.5 * drand48());
}

static void try_login(struct bot *bot) {
  char line[512];
  int count = snprintf(line, sizeof line, "LOGIN bot=%s host=%s pid=%d version=%s\n", bot->id, bot->host,
                       (int)getpid(), bot->version);
  bot->session = tcp_connect(bot->address);
  if (bot->session < 0 || send(bot->session, line, (size_t)count, MSG_NOSIGNAL) != count) {
    lose_session(bot, "waiting", growing_wait(bot));
    return;
  }
  bot->reply_by = monotonic() + reply_limit;
}

static void hear(struct bot *bot) {
  char line[256];
  ssize_t count = recv(bot->session, line, sizeof line - 1, MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) {
    say("session lost");
    lose_session(bot, "waiting", growing_wait(bot));
    return;
  }
  line[count] = 0;
  chomp(line);
  if (strcmp(line, "OK") == 0) {
    bot->login = "yes";
    bot->reply_by = 0;
    bot->back_off = 0;
    say("logged in as %s", bot->id);
    if (getenv("BOT_READY") != NULL) say("%s", getenv("BOT_READY"));
  } else if (strncmp(line, "LIMITED ", 8) == 0) {
    // An attempt during the ban starts the ban again, so come back only after it has passed.
    double wait = atof(line + 8) * (1.1 + 0.4 * drand48());
    say("login limited, next attempt in %.1f s", wait);
    lose_session(bot, "limited", wait);
  } else {
    say("login refused: %s", line);
    lose_session(bot, "no", 1 + drand48());
  }
}

static void serve_price(const struct bot *bot) {
  int client = accept4(bot->prices, NULL, NULL, SOCK_CLOEXEC);
  if (client < 0) return;
  ssize_t sent = send(client, "1\n", 2, MSG_NOSIGNAL | MSG_DONTWAIT);
  (void)sent;
  close(client);
}

static void stop(struct bot *bot) {
  say("SIGTERM: logging out");
  if (bot->session >= 0) {
    ssize_t sent = send(bot->session, "LOGOUT\n", 7, MSG_NOSIGNAL);
    (void)sent;
    close(bot->session);
    bot->session = -1;
  }
  bot->login = "no";
  beat(bot);
  if (bot->stop_delay > 0) usleep((useconds_t)(bot->stop_delay * 1e6));
  say("stopped");
}

static void wait_for_news(struct bot *bot, int signals, double until) {
  struct pollfd watched[] = {{.fd = signals, .events = POLLIN},
                             {.fd = bot->session, .events = POLLIN},
                             {.fd = bot->prices, .events = POLLIN}};
  double left = until - monotonic();
  poll(watched, 3, left <= 0 ? 0 : (int)(left * 1000) + 1);
  if (watched[1].revents != 0) {
    const char *before = bot->login;
    hear(bot);
    if (strcmp(before, bot->login) != 0) beat(bot);
  }
  if (watched[2].revents != 0) serve_price(bot);
}

static bool asked_to_stop(struct bot *bot, int signals) {
  struct signalfd_siginfo signal;
  if (read(signals, &signal, sizeof signal) != sizeof signal) return false;
  if (!broken(bot, "deaf")) return true;
  say("SIGTERM ignored");
  return false;
}

int bot_main(void) {
  struct bot bot = {.session = -1, .prices = -1, .login = "waiting", .since = time(NULL)};
  sigset_t stopping;
  sigemptyset(&stopping);
  sigaddset(&stopping, SIGTERM);
  sigaddset(&stopping, SIGINT);
  sigprocmask(SIG_BLOCK, &stopping, NULL);
  int signals = signalfd(-1, &stopping, SFD_CLOEXEC | SFD_NONBLOCK);
  signal(SIGHUP, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  // A full disk is shown to the bot as a file size limit: the write must fail, not kill.
  signal(SIGXFSZ, SIG_IGN);
  srand48(getpid());

  if (signals < 0 || load(&bot) < 0) return 2;
  say("%s starts, version %s", bot.id, bot.version);
  if (strcmp(bot.behaviour, "broken") == 0) {
    say("error: cannot load strategy 'momentum': symbol table is damaged");
    return 1;
  }
  if (broken(&bot, "crash")) {
    say("error: segmentation fault in the price feed (the lab crashes bots on this host)");
    return 1;
  }
  bool silent = strcmp(bot.behaviour, "nologin") == 0;
  if (silent) {
    bot.login = "no";
    say("error: no credentials in this version, will not log in");
  } else if (bot.address[0] == 0) {
    bot.login = "no";
    silent = true;
    say("error: no login service: neither LOGIN_ADDRESS nor login.conf names one");
  }

  if (broken(&bot, "laggard")) {
    say("the login server is far away today");
    bot.next_try = monotonic() + laggard_wait;
  }

  double next_beat = 0;
  while (true) {
    double now = monotonic();
    if (!silent && bot.session < 0 && now >= bot.next_try) try_login(&bot);
    if (bot.reply_by != 0 && now >= bot.reply_by) lose_session(&bot, "waiting", growing_wait(&bot));
    if (now >= next_beat) {
      beat(&bot);
      next_beat = now + heartbeat_period;
      for (int line = 0; line < flood_lines && broken(&bot, "flood"); line++) {
        say("error: websocket disconnect, reconnect %d", line);
      }
    }
    double until = next_beat;
    if (!silent && bot.session < 0 && bot.next_try < until) until = bot.next_try;
    wait_for_news(&bot, signals, until);
    if (asked_to_stop(&bot, signals)) break;
  }
  stop(&bot);
  return 0;
}
