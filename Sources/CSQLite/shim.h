#pragma once
#include <sqlite3.h>

// A destructor that Swift cannot spell: the library copies the text before the call returns.
static inline int opsh_bind_text(sqlite3_stmt *statement, int index, const char *text, int length) {
  return sqlite3_bind_text(statement, index, text, length, SQLITE_TRANSIENT);
}

// Whether the file is no longer where it was opened; sqlite3_file_control is fine with C, not with Swift's strictness.
static inline int opsh_has_moved(sqlite3 *database) {
  int moved = 0;
  return sqlite3_file_control(database, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved;
}
