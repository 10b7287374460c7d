import CSQLite

/// How a connection opens its file.
package enum SQLiteAccess: Sendable {
  /// Reads and writes; a missing file is made.
  case create
  /// Reads and writes a file that is there.
  case readWrite
  /// Reads beside writers, and sees what is in their log.
  case readOnly
  /// Nobody writes it and its directory cannot hold the library's helper files: no locks are taken.
  ///
  /// Beside a writer this misses rows without a word; only for a file that nobody writes and that has no log beside it.
  case immutable
}

/// What kind of file system a file is on.
package enum FileSystem {
  /// Its magic number (man 2 statfs); 0 when it is not told.
  package static func magic(of path: String) -> Int { opsh_file_system(path) }
}
