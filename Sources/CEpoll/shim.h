#pragma once
// Swift's Glibc module leaves these two headers out.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <pthread.h>

// Declared by <pthread.h> only under _GNU_SOURCE, which a module cannot set.
extern int pthread_setname_np(pthread_t thread, const char *name);
