#pragma once
#include <sqlite3.h>

// A destructor that Swift cannot spell: the library copies the text before the call returns.
static inline int opsh_bind_text(sqlite3_stmt *statement, int index, const char *text, int length) {
  return sqlite3_bind_text(statement, index, text, length, SQLITE_TRANSIENT);
}

static inline int opsh_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int length) {
  // No address would bind NULL.
  return sqlite3_bind_blob(statement, index, bytes ? bytes : "", length, SQLITE_TRANSIENT);
}

// The errno of the last call that failed on the write-ahead log, else on the file itself; 0 for none. A COMMIT that fails
// does not hand it on to sqlite3_system_errno.
static inline int opsh_file_errno(sqlite3 *database) {
  sqlite3_file *log = 0;
  int error = 0;
  if (sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK && log && log->pMethods)
    log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &error);
  if (error == 0) sqlite3_file_control(database, "main", SQLITE_FCNTL_LAST_ERRNO, &error);
  return error;
}

// Whether the file is no longer where it was opened; sqlite3_file_control is fine with C, not with Swift's strictness.
static inline int opsh_has_moved(sqlite3 *database) {
  int moved = 0;
  return sqlite3_file_control(database, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved;
}
