import PrimitiveKit

/// The names an upload uses on the host; the SFTP server starts in the login directory.
struct UploadTarget {
  /// Where the file ends up.
  let path: String
  /// Where it is written first.
  let temporary: String
  /// The directory of both.
  let directory: String

  init(_ path: HostPath) {
    self.path = path.plain
    temporary = path.beside(String(UInt64.random(in: 0 ... .max), radix: 36)).plain
    directory = path.directory
  }
}
