import Foundations
import Glibc

/// The processes of this machine, as far as this process sees them.
package enum ProcessTable {
  /// Whether a holder's process has provably ended: it ran here, in this boot, and is there no more.
  ///
  /// False whenever that cannot be proved.
  package static func isGone(_ holder: LockHolder) -> Bool {
    guard !Kernel.boot.isEmpty, holder.boot == Kernel.boot, !Kernel.processTable.isEmpty,
      holder.processTable == Kernel.processTable, let pid = pid_t(exactly: holder.pid), pid > 0
    else { return false }
    // A process of another user exists too (EPERM), even where /proc hides it.
    if kill(pid, 0) != 0 { return errno == ESRCH }
    guard let found = ProcessStatus(of: pid) else { return false }
    return found.startTicks != holder.startTicks || found.isOver
  }
}
