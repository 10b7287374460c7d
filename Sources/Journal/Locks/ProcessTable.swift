import Foundation
import Glibc

/// The processes of this machine, as far as this process sees them.
package enum ProcessTable {
  /// The kernel's id of this boot; empty when it tells none.
  package static let boot = text("/proc/sys/kernel/random/boot_id").trimmingCharacters(in: .whitespacesAndNewlines)

  /// The name of the table this process is in; empty when it is not told.
  package static let own: String = {
    let name: String? = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
    return name ?? ""
  }()

  /// When a process started, in clock ticks since the boot; nil when it is not told.
  package static func startTicks(of pid: Int) -> Int64? { pid_t(exactly: pid).flatMap(process)?.startTicks }

  /// Whether a holder's process has provably ended: it ran here, in this boot, and is there no more.
  ///
  /// False whenever that cannot be proved.
  package static func isGone(_ holder: LockHolder) -> Bool {
    guard !boot.isEmpty, holder.boot == boot, !own.isEmpty, holder.processTable == own,
      let pid = pid_t(exactly: holder.pid), pid > 0
    else { return false }
    // A process of another user exists too (EPERM), even where /proc hides it.
    if kill(pid, 0) != 0 { return errno == ESRCH }
    guard let found = process(pid) else { return false }
    return found.startTicks != holder.startTicks || found.isOver
  }

  // `man 5 proc`: the fields after the name, which may contain spaces and parentheses; state is 3, threads 20, start 22.
  private static func process(_ pid: pid_t) -> (startTicks: Int64, isOver: Bool)? {
    let text = text("/proc/\(pid)/stat")
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[end...].dropFirst().split(separator: " ")
    guard fields.count > 19, let start = Int64(fields[19]), let threads = Int(fields[17]) else { return nil }
    // A zombie with threads is a process whose first thread has ended.
    return (start, ["Z", "X"].contains(fields[0]) && threads <= 1)
  }

  private static func text(_ path: String) -> String {
    guard let bytes = FileManager.default.contents(atPath: path) else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }
}
