import CSQLite

/// A copy on its way: the destination is closed, and an unfinished copy is given up, when it goes out of scope.
struct SQLiteBackup: ~Copyable {
  enum Step {
    case done
    case more
    /// Another connection holds the source or the destination.
    case busy
  }

  private let destination: OpaquePointer
  private let raw: OpaquePointer
  private let path: String

  /// Begins to copy; an open handle must outlive it.
  init(of source: borrowing SQLiteHandle, to path: String) throws(SQLiteError) {
    var destination: OpaquePointer?
    let flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    let code = sqlite3_open_v2(path, &destination, flags, nil)
    guard let destination, code == SQLITE_OK else {
      let error = SQLiteHandle.error(code, destination, path)
      sqlite3_close_v2(destination)
      throw error
    }
    guard let raw = sqlite3_backup_init(destination, "main", source.raw, "main") else {
      let error = SQLiteHandle.error(sqlite3_extended_errcode(destination), destination, path)
      sqlite3_close_v2(destination)
      throw error
    }
    self.destination = destination
    self.raw = raw
    self.path = path
  }

  deinit {
    sqlite3_backup_finish(raw)
    sqlite3_close_v2(destination)
  }

  /// Copies some pages.
  borrowing func step(_ pages: Int32) throws(SQLiteError) -> Step {
    switch sqlite3_backup_step(raw, pages) {
    case SQLITE_DONE: return .done
    case SQLITE_OK: return .more
    case let code where [SQLITE_BUSY, SQLITE_LOCKED].contains(code & 0xff): return .busy
    case let code: throw SQLiteHandle.error(code, destination, path)
    }
  }
}
