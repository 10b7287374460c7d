/// Paths of this machine as text.
package enum PathText {
  /// The directory that a path leads through to its last name, as dirname(1) says it: `.` for a bare name.
  ///
  /// Foundation's own `deletingLastPathComponent` traps for a name of one letter.
  package static func directory(of path: String) -> String {
    var bytes = path.utf8[...]
    while bytes.count > 1, bytes.last == slash { bytes = bytes.dropLast() }
    guard let end = bytes.lastIndex(of: slash) else { return "." }
    var directory = bytes[..<end]
    while directory.last == slash { directory = directory.dropLast() }
    return directory.isEmpty ? "/" : String(decoding: directory, as: UTF8.self)
  }

  private static let slash = UInt8(ascii: "/")
}
