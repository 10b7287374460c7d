// A thread of its own for Lua. Swift need not know the types of pthread, whose owner depends on the order of imports.
#include "CLuaBridge.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

struct start {
  char name[16];
  void (*body)(void *);
  void *context;
};

static void *enter(void *argument) {
  struct start start = *(struct start *)argument;
  free(argument);
  prctl(PR_SET_NAME, start.name, 0, 0, 0);
  start.body(start.context);
  return NULL;
}

int opsh_thread_start(const char *name, size_t stack, void (*body)(void *), void *context) {
  struct start *start = malloc(sizeof *start);
  if (start == NULL) return ENOMEM;
  snprintf(start->name, sizeof start->name, "%s", name);
  start->body = body;
  start->context = context;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  int status = pthread_create(&thread, &attributes, enter, start);
  pthread_attr_destroy(&attributes);
  if (status != 0) free(start);
  return status;
}
