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
    let text = FileManager.default.contents(atPath: "/proc/locks").map { String(decoding: $0, as: UTF8.self) } ?? ""
    var found: Set<Int> = []
    for line in text.split(separator: "\n") {
      // 1: POSIX  ADVISORY  READ 4711 08:01:262158 128 128
      let words = line.split(whereSeparator: \.isWhitespace)
      guard words.count >= 8, words[1] == "POSIX", let pid = Int(words[4]), pid > 0, pid != Int(getpid()) else { continue }
      guard words[5].split(separator: ":").last.flatMap({ UInt64($0) }) == UInt64(facts.st_ino) else { continue }
      let last = words[7] == "EOF" ? Int.max : Int(words[7]) ?? -1
      if let first = Int(words[6]), first <= deadMansSwitch, deadMansSwitch <= last { found.insert(pid) }
    }
    return found.sorted()
  }

  private static let deadMansSwitch = 128
}
