#pragma once
// Its checks of types want an option that is known when this is compiled.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

// Swift does not import macros that are casts.
static const long opsh_curl_basic = CURLAUTH_BASIC;

static inline CURLcode opsh_curl_start(void) { return curl_global_init(CURL_GLOBAL_ALL); }

// Whether names are looked up beside whoever asks for them.
static inline int opsh_curl_resolves_apart(void) {
  return (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_ASYNCHDNS) != 0;
}

// Swift cannot call functions with variable arguments: one typed door for each kind of option.
typedef size_t (*opsh_curl_bytes)(char *, size_t, size_t, void *);
typedef int (*opsh_curl_ready)(void *, char *, char *, int, int);
typedef CURLcode (*opsh_curl_secure)(CURL *, void *, void *);
typedef int (*opsh_curl_socket)(CURL *, curl_socket_t, int, void *, void *);
typedef int (*opsh_curl_timer)(CURLM *, long, void *);

static inline CURLcode opsh_curl_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode opsh_curl_set_size(CURL *easy, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode opsh_curl_set_text(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode opsh_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode opsh_curl_on_bytes(CURL *easy, CURLoption option, opsh_curl_bytes body) {
  return curl_easy_setopt(easy, option, body);
}

static inline CURLcode opsh_curl_on_ready(CURL *easy, opsh_curl_ready body) {
  return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, body);
}

static inline CURLcode opsh_curl_on_secure(CURL *easy, opsh_curl_secure body) {
  return curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, body);
}

static inline long opsh_curl_long(CURL *easy, CURLINFO info) {
  long value = 0;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

static inline curl_off_t opsh_curl_size(CURL *easy, CURLINFO info) {
  curl_off_t value = 0;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

static inline CURLMcode opsh_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}

static inline CURLMcode opsh_curl_multi_set_pointer(CURLM *multi, CURLMoption option, void *value) {
  return curl_multi_setopt(multi, option, value);
}

static inline CURLMcode opsh_curl_multi_on_socket(CURLM *multi, opsh_curl_socket body) {
  return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, body);
}

static inline CURLMcode opsh_curl_multi_on_timer(CURLM *multi, opsh_curl_timer body) {
  return curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, body);
}

// The result lies in a union, which Swift shows as a tuple of bytes.
static inline CURLcode opsh_curl_result(const CURLMsg *message) { return message->data.result; }
