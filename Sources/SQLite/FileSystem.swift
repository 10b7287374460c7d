import CSQLite

/// What kind of file system a file is on.
package enum FileSystem {
  /// Its magic number (man 2 statfs); 0 when it is not told.
  package static func magic(of path: String) -> Int { opsh_file_system(path) }
}
