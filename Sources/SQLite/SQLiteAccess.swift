/// How a connection opens its file.
enum SQLiteAccess: Sendable {
  case readWrite
  case readOnly
  /// Nobody writes it and its directory cannot hold the library's helper files: no locks are taken.
  case immutable
}
