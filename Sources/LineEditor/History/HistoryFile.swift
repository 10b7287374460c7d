import Foundation
import Foundations
import Glibc

/// An append-only file of JSON Lines that several sessions share.
///
/// Each record is one write under an exclusive `flock`, so nobody overwrites anybody and a torn line spoils only itself.
struct HistoryFile {
  /// Bytes read from the end of the file; some thousand entries.
  static let readLimit = 1 << 20

  let path: String

  /// `$XDG_STATE_HOME/opsh/history`, else `~/.local/state/opsh/history` (XDG Base Directory 0.8); nil without either.
  static func defaultPath(environment: [String: String]) -> String? {
    UserDirectory.state(environment).map { "\($0)/opsh/history" }
  }

  /// The newest entries, oldest first; none when there is no file yet.
  func load(limit: Int) throws(HistoryFailure) -> [String] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    if file < 0 && errno == ENOENT { return [] }
    guard file >= 0 else { throw HistoryFailure() }
    defer { close(file) }
    let size = Int(lseek(file, 0, SEEK_END))
    guard size >= 0 else { throw HistoryFailure() }
    var bytes = [UInt8](repeating: 0, count: min(size, Self.readLimit))
    let count = pread(file, &bytes, bytes.count, off_t(size - bytes.count))
    guard count >= 0 else { throw HistoryFailure() }
    var lines = bytes.prefix(count).split(separator: UInt8(ascii: "\n"))
    // Reading from the middle begins inside a line.
    if size > Self.readLimit { lines = Array(lines.dropFirst()) }
    // From the end, because decoding is what takes the time.
    return lines.reversed().lazy.compactMap { HistoryRecord(line: $0)?.src }.prefix(limit).reversed()
  }

  /// Appends one record; makes the directory (0700) and the file (0600) where they are missing.
  func append(_ record: HistoryRecord) throws(HistoryFailure) {
    makeDirectory()
    let file = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw HistoryFailure() }
    defer { close(file) }
    // Entries name hosts and strategies: nobody else needs to read them, whatever the umask or an old version left.
    _ = fchmod(file, 0o600)
    while flock(file, LOCK_EX) != 0 { guard errno == EINTR else { throw HistoryFailure() } }
    let line = (endsTorn(file) ? [UInt8(ascii: "\n")] : []) + record.line()
    guard write(file, line, line.count) == line.count else { throw HistoryFailure() }
  }

  /// A writer that died half way left no newline.
  private func endsTorn(_ file: Int32) -> Bool {
    let size = lseek(file, 0, SEEK_END)
    var last: UInt8 = 0
    return size > 0 && pread(file, &last, 1, size - 1) == 1 && last != UInt8(ascii: "\n")
  }

  private func makeDirectory() {
    let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
    // A failure shows when the file is opened.
    try? FileManager.default.createDirectory(
      atPath: directory,
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700]
    )
  }
}

/// Why the history file cannot be used.
struct HistoryFailure: Error {
  let reason = String(cString: strerror(errno))
}
