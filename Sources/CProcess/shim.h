#pragma once
// Swift's Glibc module leaves this header out.
#include <sys/pidfd.h>
#include <spawn.h>

// spawn.h declares it for GNU programs alone, which Swift's Glibc module is not.
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);

// As does stdio.h.
int renameat2(int old_folder, const char *old_path, int new_folder, const char *new_path, unsigned int flags);
