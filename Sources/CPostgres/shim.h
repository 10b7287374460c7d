#pragma once
#include <libpq-fe.h>

// Swift does not import macros that are character constants.
static const int opsh_diag_sqlstate = PG_DIAG_SQLSTATE;
static const int opsh_diag_message = PG_DIAG_MESSAGE_PRIMARY;
