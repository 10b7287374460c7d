import Foundations

/// Who holds a lock, and in which process.
package struct LockHolder: Sendable, Codable, Equatable {
  /// The person: the login user behind sudo.
  package var operatorName: String
  package var host: String
  /// The kernel's id of the boot the process runs in; empty where the kernel tells none.
  package var boot: String
  /// The process table that `pid` counts in, as `/proc/self/ns/pid` names it: containers share a boot, not a table.
  package var processTable: String
  package var pid: Int
  /// When the process started, in clock ticks since the boot.
  package var startTicks: Int64
  /// The terminal; empty without one.
  package var tty: String

  package init(_ identity: ProcessIdentity, processTable: String = Kernel.processTable) {
    operatorName = identity.operatorName
    host = identity.host
    boot = identity.boot
    self.processTable = processTable
    pid = identity.pid
    startTicks = identity.startTicks
    tty = identity.tty
  }

  /// One that cannot be read: it blocks, and nobody is taken for it.
  static let unreadable = LockHolder(
    ProcessIdentity(
      operatorName: "somebody",
      user: "",
      host: "an unknown machine",
      boot: "",
      pid: 0,
      startTicks: 0,
      tty: "",
      opshVersion: "",
      opshDigest: ""
    ),
    processTable: ""
  )

  /// As messages name it, for example `anna@ops1[4711]`.
  package var name: String { "\(operatorName)@\(host)\(pid > 0 ? "[\(pid)]" : "")" }

  /// Whether both are the same person beyond doubt: one process, or one person's terminal.
  ///
  /// Names alone do not tell: a team may share a login.
  package func isSamePerson(as other: LockHolder) -> Bool {
    guard !boot.isEmpty, boot == other.boot, operatorName == other.operatorName else { return false }
    if processTable == other.processTable, pid == other.pid, startTicks == other.startTicks { return true }
    return !tty.isEmpty && tty == other.tty
  }
}
