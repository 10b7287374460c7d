#pragma once
#include <libssh2.h>

// libssh2_session_callback_set takes a void *, which Swift cannot make from a function: one typed door per callback.
typedef ssize_t (*opsh_ssh2_receive)(libssh2_socket_t, void *, size_t, int, void **);
typedef ssize_t (*opsh_ssh2_send)(libssh2_socket_t, const void *, size_t, int, void **);

static inline void opsh_ssh2_set_receive(LIBSSH2_SESSION *session, opsh_ssh2_receive function) {
  libssh2_session_callback_set(session, LIBSSH2_CALLBACK_RECV, (void *)function);
}

static inline void opsh_ssh2_set_send(LIBSSH2_SESSION *session, opsh_ssh2_send function) {
  libssh2_session_callback_set(session, LIBSSH2_CALLBACK_SEND, (void *)function);
}
