#include <sys/prctl.h>

#include "CLuaBridge.h"

void opsh_thread_name(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
