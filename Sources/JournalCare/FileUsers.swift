import Foundation
import Glibc

/// Who has a journal's file open on this machine, runs or no runs: a session at its prompt, for example.
enum FileUsers {
  /// The processes besides this one that have the database at a path open, in order.
  ///
  /// Every connection in WAL mode holds a shared lock on one byte of the helper file as long as it is open (UNIX_SHM_DMS in
  /// SQLite's os_unix.c), and the kernel lists locks (man 5 proc, /proc/locks). The file itself is not touched: closing it
  /// would drop the locks that this process has on it (man 2 fcntl).
  static func processes(of path: String) -> [Int] {
    var facts = stat()
    guard stat("\(path)-shm", &facts) == 0 else { return [] }
    // The list changes while it is read, and then an entry may be passed over.
    let found = (0..<3).reduce(into: Set<Int>()) { found, _ in found.formUnion(locking(UInt64(facts.st_ino))) }
    return found.subtracting([Int(getpid())]).sorted()
  }

  private static func locking(_ inode: UInt64) -> [Int] {
    let text = FileManager.default.contents(atPath: "/proc/locks").map { String(decoding: $0, as: UTF8.self) } ?? ""
    return text.split(separator: "\n").compactMap { line in
      // 1: POSIX  ADVISORY  READ 4711 08:01:262158 128 128
      let words = line.split(whereSeparator: \.isWhitespace)
      guard words.count >= 8, words[1] == "POSIX", let pid = Int(words[4]), pid > 0, let first = Int(words[6]) else {
        return nil
      }
      guard words[5].split(separator: ":").last.flatMap({ UInt64($0) }) == inode else { return nil }
      let last = words[7] == "EOF" ? Int.max : Int(words[7]) ?? -1
      return first <= deadMansSwitch && deadMansSwitch <= last ? pid : nil
    }
  }

  private static let deadMansSwitch = 128
}
