// The service bots log in to: a token bucket over all of them, and a ban that every early attempt starts again.
//
// One line in, one line out, on TCP:
//   LOGIN bot=ID host=NAME pid=N version=V   OK (the session lasts as long as the connection) | LIMITED SECONDS | REFUSED why
//   LOGOUT                                   ends the session
//   STATUS                                   counters, sessions, duplicates, refused hosts; the last line is "."
//   RATE N M, BAN SECONDS                    OK: N logins a second, M at once; the length of a ban
//   REFUSE HOST, ALLOW HOST|*                OK: bots of that host are put out and not let in again; or are
//   FORGET                                   OK: counters and duplicates start again
#define _GNU_SOURCE
#include "lab.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_CLIENTS = 8192, MAX_BOTS = 8192, MAX_REFUSED = 1024, NAME_ROOM = 64 };

struct client {
  int fd;
  bool closing;
  struct account *account;
  char host[NAME_ROOM];
  char version[NAME_ROOM];
  int pid;
  double since;
  size_t held;
  char text[512];
};

struct account {
  char bot[NAME_ROOM];
  int live;
  int duplicates;
  double banned_until;
};

static struct {
  double rate, burst, ban, tokens, filled_at;
  unsigned long logins, limited, refused, duplicates;

} service = {.rate = 15, .burst = 45, .ban = 5};

static struct client *clients[MAX_CLIENTS];
static struct account accounts[MAX_BOTS];
static int account_count;
static char refused_hosts[MAX_REFUSED][NAME_ROOM];
static int refused_count;

static struct account *account_of(const char *bot) {
  for (int i = 0; i < account_count; i++)
    if (strcmp(accounts[i].bot, bot) == 0) return &accounts[i];
  if (account_count == MAX_BOTS) return NULL;
  snprintf(accounts[account_count].bot, NAME_ROOM, "%s", bot);
  return &accounts[account_count++];
}

static int refusal_of(const char *host) {
  for (int i = 0; i < refused_count; i++)
    if (strcmp(refused_hosts[i], host) == 0) return i;
  return -1;
}

static bool take_token(double now) {
  service.tokens += (now - service.filled_at) * service.rate;
  service.filled_at = now;
  if (service.tokens > service.burst) service.tokens = service.burst;
  if (service.tokens < 1) return false;
  service.tokens -= 1;
  return true;
}

static void answer(struct client *client, const char *text) {
  ssize_t sent = send(client->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0) client->closing = true;
}

static void end_session(struct client *client) {
  if (client->account == NULL) return;
  client->account->live--;
  client->account = NULL;
}

static bool word_value(const char *line, const char *key, char *into) {
  char text[512];
  snprintf(text, sizeof text, "%s", line);
  for (char *at = text; *at != 0; at++)
    if (*at == ' ') *at = '\n';
  return line_value(text, key, into, NAME_ROOM) && into[0] != 0;
}

static void log_in(struct client *client, const char *line) {
  char bot[NAME_ROOM], pid[NAME_ROOM] = "0", reply[64];
  if (!word_value(line, "bot", bot)) {
    answer(client, "REFUSED no bot named\n");
    client->closing = true;
    return;
  }
  if (!word_value(line, "host", client->host)) strcpy(client->host, "-");
  if (!word_value(line, "version", client->version)) strcpy(client->version, "-");
  word_value(line, "pid", pid);
  client->pid = atoi(pid);
  struct account *account = account_of(bot);
  double now = monotonic();
  client->closing = true;
  if (account == NULL || refusal_of(client->host) >= 0) {
    service.refused++;
    answer(client, "REFUSED this account may not log in\n");
  } else if (now < account->banned_until || !take_token(now)) {
    service.limited++;
    account->banned_until = now + service.ban;
    snprintf(reply, sizeof reply, "LIMITED %.1f\n", service.ban);
    answer(client, reply);
  } else {
    client->closing = false;
    service.logins++;
    if (account->live > 0) {
      service.duplicates++;
      account->duplicates++;
    }
    end_session(client);
    account->live++;
    account->banned_until = 0;
    client->account = account;
    client->since = now;
    answer(client, "OK\n");
  }
}

static void send_all(struct client *client, const char *text, size_t count) {
  // Only STATUS is long; its reader is on this machine, so waiting for it costs nobody.
  struct timeval limit = {.tv_sec = 2};
  setsockopt(client->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  while (count > 0) {
    ssize_t sent = send(client->fd, text, count, MSG_NOSIGNAL);
    if (sent <= 0) {
      client->closing = true;
      return;
    }
    text += sent;
    count -= (size_t)sent;
  }
}

static void report(struct client *client) {
  char *text = NULL;
  size_t count = 0;
  FILE *out = open_memstream(&text, &count);
  if (out == NULL) return;
  int sessions = 0;
  for (int fd = 0; fd < MAX_CLIENTS; fd++)
    if (clients[fd] != NULL && clients[fd]->account != NULL) sessions++;
  fprintf(out, "service sessions=%d logins=%lu limited=%lu refused=%lu duplicates=%lu rate=%g burst=%g ban=%g\n", sessions,
          service.logins, service.limited, service.refused, service.duplicates, service.rate, service.burst, service.ban);
  for (int fd = 0; fd < MAX_CLIENTS; fd++) {
    struct client *other = clients[fd];
    if (other == NULL || other->account == NULL) continue;
    fprintf(out, "session bot=%s host=%s pid=%d version=%s age=%.1f\n", other->account->bot, other->host, other->pid,
            other->version, monotonic() - other->since);
  }
  for (int i = 0; i < account_count; i++)
    if (accounts[i].duplicates > 0)
      fprintf(out, "duplicate bot=%s times=%d live=%d\n", accounts[i].bot, accounts[i].duplicates, accounts[i].live);
  for (int i = 0; i < refused_count; i++) fprintf(out, "refuse host=%s\n", refused_hosts[i]);
  fputs(".\n", out);
  fclose(out);
  send_all(client, text, count);
  free(text);
}

static void refuse(const char *host) {
  if (refusal_of(host) < 0 && refused_count < MAX_REFUSED)
    snprintf(refused_hosts[refused_count++], NAME_ROOM, "%s", host);
  for (int fd = 0; fd < MAX_CLIENTS; fd++)
    if (clients[fd] != NULL && clients[fd]->account != NULL && strcmp(clients[fd]->host, host) == 0)
      shutdown(fd, SHUT_RDWR);
}

static void allow(const char *host) {
  if (strcmp(host, "*") == 0) refused_count = 0;
  int found = refusal_of(host);
  if (found < 0) return;
  refused_count--;
  if (found != refused_count) memcpy(refused_hosts[found], refused_hosts[refused_count], NAME_ROOM);
}

static void forget(void) {
  service.logins = service.limited = service.refused = service.duplicates = 0;
  for (int i = 0; i < account_count; i++) accounts[i].duplicates = 0;
}

static void obey(struct client *client, char *line) {
  char name[NAME_ROOM];
  double first, second;
  line[strcspn(line, "\r")] = 0;
  if (strncmp(line, "LOGIN ", 6) == 0) {
    log_in(client, line);
  } else if (strcmp(line, "LOGOUT") == 0) {
    end_session(client);
    client->closing = true;
  } else if (strcmp(line, "STATUS") == 0) {
    report(client);
  } else if (sscanf(line, "RATE %lf %lf", &first, &second) == 2 && first > 0 && second >= 1) {
    service.rate = first;
    service.burst = service.tokens = second;
    service.filled_at = monotonic();
    answer(client, "OK\n");
  } else if (sscanf(line, "BAN %lf", &first) == 1 && first >= 0) {
    service.ban = first;
    answer(client, "OK\n");
  } else if (sscanf(line, "REFUSE %63s", name) == 1) {
    refuse(name);
    answer(client, "OK\n");
  } else if (sscanf(line, "ALLOW %63s", name) == 1) {
    allow(name);
    answer(client, "OK\n");
  } else if (strcmp(line, "FORGET") == 0) {
    forget();
    answer(client, "OK\n");
  } else {
    answer(client, "ERROR not a command\n");
  }
}

static void hear(struct client *client) {
  ssize_t count = recv(client->fd, client->text + client->held, sizeof client->text - client->held - 1, MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) {
    client->closing = true;
    return;
  }
  client->held += (size_t)count;
  client->text[client->held] = 0;
  char *line = client->text;
  for (char *end; !client->closing && (end = strchr(line, '\n')) != NULL; line = end + 1) {
    *end = 0;
    obey(client, line);
  }
  client->held -= (size_t)(line - client->text);
  memmove(client->text, line, client->held);
  if (client->held >= sizeof client->text - 1) client->closing = true;
}

static void drop(struct client *client) {
  end_session(client);
  clients[client->fd] = NULL;
  close(client->fd);
  free(client);
}

static void admit(int listener, int poller) {
  int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  if (fd < 0) return;
  struct client *client = fd < MAX_CLIENTS ? calloc(1, sizeof *client) : NULL;
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  if (client == NULL || epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0) {
    free(client);
    close(fd);
    return;
  }
  client->fd = fd;
  clients[fd] = client;
}

static int serve(int listener) {
  int poller = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event listening = {.events = EPOLLIN, .data.fd = listener}, events[64];
  if (poller < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, listener, &listening) < 0) return 1;
  while (true) {
    int count = epoll_wait(poller, events, 64, -1);
    for (int i = 0; i < count; i++) {
      int fd = events[i].data.fd;
      if (fd == listener) {
        admit(listener, poller);
      } else if (clients[fd] != NULL) {
        hear(clients[fd]);
        if (clients[fd]->closing) drop(clients[fd]);
      }
    }
  }
}

int login_service_main(int argc, char **argv) {
  static const struct option options[] = {
      {"listen", required_argument, NULL, 'l'}, {"port-file", required_argument, NULL, 'p'},
      {"rate", required_argument, NULL, 'r'},   {"burst", required_argument, NULL, 'b'},
      {"ban", required_argument, NULL, 's'},    {NULL, 0, NULL, 0}};
  const char *listen = NULL, *port_file = NULL;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    switch (option) {
    case 'l': listen = optarg; break;
    case 'p': port_file = optarg; break;
    case 'r': service.rate = atof(optarg); break;
    case 'b': service.burst = atof(optarg); break;
    case 's': service.ban = atof(optarg); break;
    default: return 64;
    }
  }
  if (listen == NULL || service.rate <= 0 || service.burst < 1 || service.ban < 0) {
    fprintf(stderr, "opsh-lab-bot: login-service needs --listen ADDRESS:PORT, a rate above 0 and a burst of at least 1\n");
    return 64;
  }
  signal(SIGPIPE, SIG_IGN);
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max < MAX_CLIENTS ? files.rlim_max : MAX_CLIENTS;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  service.tokens = service.burst;
  service.filled_at = monotonic();
  int listener = tcp_listen(listen);
  if (listener < 0) {
    say("error: cannot listen on %s: %s", listen, strerror(errno));
    return 1;
  }
  const char *port = strrchr(listen, ':') + 1;
  if (port_file != NULL && replace_file(port_file, port, strlen(port)) < 0) return 1;
  return serve(listener);
}
