import Foundation

/// A process as `/proc/PID/stat` shows it (man 5 proc).
package struct ProcessStatus: Sendable, Equatable {
  package let pid: Int32
  package let parent: Int32
  /// The name of the program, cut to 15 bytes.
  package let name: String
  /// `R`, `S`, `Z` and so on.
  package let state: Character
  package let threads: Int
  /// When it started, in clock ticks since the boot, so that a number used again is another process.
  package let startTicks: Int64

  /// Nil when there is no such process, or `/proc` hides it.
  package init?(of pid: Int32) {
    guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
    self.init(pid: pid, line: String(decoding: data, as: UTF8.self))
  }

  // The name, in parentheses, may hold spaces and parentheses itself. After it: state is field 3, the parent 4,
  // threads 20, the start 22.
  init?(pid: Int32, line: String) {
    guard let open = line.firstIndex(of: "("), let close = line.lastIndex(of: ")"), open < close else { return nil }
    let fields = line[line.index(after: close)...].split(separator: " ")
    guard fields.count > 19, let state = fields[0].first, let parent = Int32(fields[1]), let threads = Int(fields[17]),
      let start = Int64(fields[19])
    else { return nil }
    self.pid = pid
    self.parent = parent
    self.state = state
    self.threads = threads
    startTicks = start
    name = String(line[line.index(after: open)..<close])
  }

  /// Whether it ended and only waits to be collected; with threads left it is one whose first thread has ended.
  package var isOver: Bool { (state == "Z" || state == "X") && threads <= 1 }
}

/// What the kernel says of this boot and of this program (man 5 proc).
package enum Kernel {
  /// The id of this boot; empty when it tells none.
  package static let boot: String = {
    let data = FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id") ?? Data()
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }()

  /// The file of the running program, symbolic links followed; nil when it is not told.
  package static let program: String? = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")

  /// The process table this program is in: containers share a boot, not a table; empty when it is not told.
  package static let processTable: String =
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")) ?? ""
}
