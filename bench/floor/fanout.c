// fanout.c: what the limit looks like. One process, one thread, non-blocking libssh2 and epoll: connects to every host of a
// file at once, runs one command on each and prints wall time, CPU time and peak memory as one line of JSON.
//
//   cc -O2 -o fanout fanout.c -lssh2 -lcrypto
//   ./fanout HOSTS KNOWN_HOSTS KEY USER PORT COMMAND [IN_FLIGHT]
//
// HOSTS holds one IPv4 address a line; KNOWN_HOSTS plain `[address]:port type key` lines; KEY an unencrypted Ed25519 key in
// OpenSSH's format. The key is parsed once and signs through a callback; the host key is compared byte for byte.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <libssh2.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum stage { CONNECTING, SHAKING, LOGGING_IN, OPENING, STARTING, READING, CLOSING, FREEING, DONE, FAILED };

struct host {
  char address[INET_ADDRSTRLEN];
  unsigned char *key;  // what known_hosts says, decoded
  size_t key_length;
  enum stage stage;
  int socket;
  uint32_t interest;
  LIBSSH2_SESSION *session;
  LIBSSH2_CHANNEL *channel;
  // libssh2 1.10 reads the banner byte by byte: this spares it the system calls.
  char *banner;
  size_t banner_length, banner_taken;
  int status;
};

static struct host *hosts;
static size_t host_count;
static const char *user, *command;
static int port;
static EVP_PKEY *key;
static unsigned char public_key[51];

static void die(const char *what) {
  perror(what);
  exit(2);
}

static char *read_file(const char *path) {
  FILE *file = fopen(path, "r");
  if (!file) die(path);
  char *text = NULL;
  size_t room = 0;
  if (getdelim(&text, &room, '\0', file) < 0) die(path);
  fclose(file);
  return text;
}

static size_t decode(const char *base64, size_t length, unsigned char *bytes) {
  size_t padding = length && base64[length - 1] == '=' ? 1 + (base64[length - 2] == '=') : 0;
  return EVP_DecodeBlock(bytes, (const unsigned char *)base64, length) - padding;
}

// --- What is read once ---

static void read_hosts(const char *path) {
  for (char *rest = read_file(path), *line; (line = strsep(&rest, "\n"));) {
    if (!*line) continue;
    hosts = realloc(hosts, (host_count + 1) * sizeof *hosts);
    struct host *host = &hosts[host_count++];
    memset(host, 0, sizeof *host);
    snprintf(host->address, sizeof host->address, "%s", line);
    host->socket = -1;
    host->status = -1;
  }
}

static int by_address(const void *left, const void *right) {
  return strcmp(((const struct host *)left)->address, ((const struct host *)right)->address);
}

static void read_known_hosts(const char *path) {
  qsort(hosts, host_count, sizeof *hosts, by_address);
  for (char *rest = read_file(path), *line; (line = strsep(&rest, "\n"));) {
    struct host wanted = {0};
    char base64[1024];
    int its_port;
    if (sscanf(line, "[%15[0-9.]]:%d ssh-ed25519 %1023s", wanted.address, &its_port, base64) != 3 || its_port != port) continue;
    struct host *host = bsearch(&wanted, hosts, host_count, sizeof *hosts, by_address);
    if (!host) continue;
    host->key = malloc(sizeof base64);
    host->key_length = decode(base64, strlen(base64), host->key);
  }
}

// The decoded file holds the public key as `string "ssh-ed25519", string point`, and later the seed as the first half of
// a string of 64 bytes (PROTOCOL.key in OpenSSH's sources).
static void read_key(const char *path) {
  static const char head[] = "\0\0\0\x0bssh-ed25519\0\0\0 ", pair[] = "\0\0\0@";
  char *text = read_file(path), *begin = strstr(text, "KEY-----\n"), *end = strstr(text, "\n-----END");
  if (!begin || !end) die("not an OpenSSH key");
  size_t length = 0;
  for (char *c = begin + 9; c < end; c++) if (*c != '\n') text[length++] = *c;
  unsigned char bytes[2048];
  size_t count = decode(text, length, bytes);
  unsigned char *public = memmem(bytes, count, head, sizeof head - 1);
  if (!public) die("not an Ed25519 key");
  memcpy(public_key, public, sizeof public_key);
  unsigned char *after = public + sizeof public_key, *secret = memmem(after, bytes + count - after, pair, 4);
  key = secret ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret + 4, 32) : NULL;
  if (!key) die("encrypted key");
}

// --- What libssh2 calls ---

static int sign(LIBSSH2_SESSION *session, unsigned char **signature, size_t *length, const unsigned char *data,
                size_t data_length, void **abstract) {
  (void)session, (void)abstract;
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  *length = 64;
  *signature = malloc(*length);
  bool signed_ = EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
                 EVP_DigestSign(context, *signature, length, data, data_length) == 1;
  EVP_MD_CTX_free(context);
  return signed_ ? 0 : -1;
}

static ssize_t receive(libssh2_socket_t socket, void *buffer, size_t length, int flags, void **abstract) {
  struct host *host = *abstract;
  if (!host->banner && host->stage == SHAKING) {
    char *room = malloc(16384);
    ssize_t count = recv(socket, room, 16384, flags);
    if (count <= 0) {
      free(room);
      return count < 0 ? -errno : 0;
    }
    host->banner = room;
    host->banner_length = count;
  }
  size_t left = host->banner_length - host->banner_taken;
  if (left) {
    size_t count = left < length ? left : length;
    memcpy(buffer, host->banner + host->banner_taken, count);
    host->banner_taken += count;
    return count;
  }
  ssize_t count = recv(socket, buffer, length, flags);
  return count < 0 ? -errno : count;
}

// --- One host ---

static bool begin(struct host *host) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  int yes = 1;
  host->socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (host->socket < 0 || inet_pton(AF_INET, host->address, &address.sin_addr) != 1) return false;
  setsockopt(host->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  host->stage = CONNECTING;
  return connect(host->socket, (struct sockaddr *)&address, sizeof address) == 0 || errno == EINPROGRESS;
}

static int connected(struct host *host) {
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(host->socket, SOL_SOCKET, SO_ERROR, &error, &length);
  host->session = error ? NULL : libssh2_session_init_ex(NULL, NULL, NULL, host);
  if (!host->session) return -1;
  libssh2_session_set_blocking(host->session, 0);
  libssh2_session_callback_set(host->session, LIBSSH2_CALLBACK_RECV, (void *)receive);
  libssh2_session_method_pref(host->session, LIBSSH2_METHOD_HOSTKEY, "ssh-ed25519");
  return 0;
}

static bool is_known(struct host *host) {
  size_t length;
  int type;
  const char *offered = libssh2_session_hostkey(host->session, &length, &type);
  return offered && host->key && length == host->key_length && memcmp(offered, host->key, length) == 0;
}

static int open_channel(struct host *host) {
  host->channel = libssh2_channel_open_session(host->session);
  return host->channel ? 0 : libssh2_session_last_errno(host->session);
}

static int read_all(struct host *host) {
  char buffer[16384];
  ssize_t out, err;
  do {
    out = libssh2_channel_read(host->channel, buffer, sizeof buffer);
    err = libssh2_channel_read_stderr(host->channel, buffer, sizeof buffer);
  } while (out > 0 || err > 0);
  if (libssh2_channel_eof(host->channel)) return 0;
  return out < 0 ? out : err < 0 ? err : LIBSSH2_ERROR_EAGAIN;
}

static int perform(struct host *host) {
  switch (host->stage) {
    case CONNECTING: return connected(host);
    case SHAKING: {
      int code = libssh2_session_handshake(host->session, host->socket);
      return code ? code : is_known(host) ? 0 : -1;
    }
    case LOGGING_IN: return libssh2_userauth_publickey(host->session, user, public_key, sizeof public_key, sign, NULL);
    case OPENING: return open_channel(host);
    case STARTING: return libssh2_channel_exec(host->channel, command);
    case READING: return read_all(host);
    case CLOSING: return libssh2_channel_close(host->channel);
    case FREEING:
      host->status = libssh2_channel_get_exit_status(host->channel);
      return libssh2_channel_free(host->channel);
    default: return 0;
  }
}

static void end(struct host *host) {
  if (host->session) {
    libssh2_session_disconnect(host->session, "bye");
    libssh2_session_free(host->session);
  }
  close(host->socket);
  free(host->banner);
}

// Goes on until bytes are missing; true when the host is finished.
static bool advance(struct host *host) {
  while (host->stage < DONE) {
    int code = perform(host);
    if (code == LIBSSH2_ERROR_EAGAIN) return false;
    host->stage = code ? FAILED : host->stage + 1;
  }
  end(host);
  return true;
}

static uint32_t interest_of(struct host *host) {
  if (host->stage == CONNECTING) return EPOLLOUT;
  bool must_write = libssh2_session_block_directions(host->session) & LIBSSH2_SESSION_BLOCK_OUTBOUND;
  return EPOLLIN | (must_write ? EPOLLOUT : 0);
}

static void run(size_t in_flight) {
  int poll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event events[256];
  for (size_t begun = 0, live = 0; begun < host_count || live;) {
    while (begun < host_count && live < in_flight) {
      struct host *host = &hosts[begun++];
      if (!begin(host)) {
        host->stage = FAILED;
        end(host);
        continue;
      }
      struct epoll_event event = {.events = host->interest = EPOLLOUT, .data.ptr = host};
      if (epoll_ctl(poll, EPOLL_CTL_ADD, host->socket, &event)) die("epoll_ctl");
      live++;
    }
    int count = live ? epoll_wait(poll, events, 256, -1) : 0;
    for (int i = 0; i < count; i++) {
      struct host *host = events[i].data.ptr;
      if (advance(host)) {
        live--;
      } else if (host->interest != interest_of(host)) {
        struct epoll_event event = {.events = host->interest = interest_of(host), .data.ptr = host};
        epoll_ctl(poll, EPOLL_CTL_MOD, host->socket, &event);
      }
    }
  }
  close(poll);
}

static double seconds(struct timeval time) { return time.tv_sec + time.tv_usec * 1e-6; }

int main(int count, char **words) {
  if (count < 7) {
    fprintf(stderr, "usage: %s HOSTS KNOWN_HOSTS KEY USER PORT COMMAND [IN_FLIGHT]\n", words[0]);
    return 64;
  }
  struct timespec begin_time, end_time;
  clock_gettime(CLOCK_MONOTONIC, &begin_time);
  user = words[4];
  port = atoi(words[5]);
  command = words[6];
  if (libssh2_init(0)) return 70;
  read_hosts(words[1]);
  read_known_hosts(words[2]);
  read_key(words[3]);
  run(count > 7 ? strtoul(words[7], NULL, 10) : host_count);
  clock_gettime(CLOCK_MONOTONIC, &end_time);

  size_t succeeded = 0;
  for (size_t i = 0; i < host_count; i++) succeeded += hosts[i].stage == DONE && hosts[i].status == 0;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  double wall = (end_time.tv_sec - begin_time.tv_sec) + (end_time.tv_nsec - begin_time.tv_nsec) * 1e-9;
  printf("{\"hosts\":%zu,\"succeeded\":%zu,\"wall_s\":%.3f,\"cpu_s\":%.3f,\"peak_mb\":%.1f}\n", host_count, succeeded, wall,
         seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss / 1024.0);
  return succeeded == host_count ? 0 : 1;
}
