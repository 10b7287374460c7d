#pragma once
#include <libpq-fe.h>

// Swift does not import macros that are character constants.
static const int opsh_diag_sqlstate = PG_DIAG_SQLSTATE;
static const int opsh_diag_message = PG_DIAG_MESSAGE_PRIMARY;
static const int opsh_diag_severity = PG_DIAG_SEVERITY_NONLOCALIZED;
static const int opsh_diag_position = PG_DIAG_STATEMENT_POSITION;
static const int opsh_diag_table = PG_DIAG_TABLE_NAME;
static const int opsh_diag_column = PG_DIAG_COLUMN_NAME;
static const int opsh_diag_constraint = PG_DIAG_CONSTRAINT_NAME;
