/// The names an upload uses on the host.
struct UploadTarget {
  /// Where the file ends up; the SFTP server starts in the login directory, so `~/` goes.
  let path: String
  /// Where it is written first: in the same directory, so that the rename is atomic.
  let temporary: String
  /// That directory.
  let directory: String

  init(_ path: String) {
    let plain = path.hasPrefix("~/") ? String(path.dropFirst(2)) : path
    let slash = plain.lastIndex(of: "/")
    let parent = slash.map { plain[...$0] } ?? ""
    let name = slash.map { plain[plain.index(after: $0)...] } ?? plain[...]
    self.path = plain
    // A long name is cut so that the temporary one stays within 255 bytes (`man 7 path_resolution`, NAME_MAX).
    temporary = "\(parent).\(name.prefix(50)).opsh-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
    directory = parent.isEmpty ? "." : String(parent)
  }
}
