/// Who works in a run and in which process: what audit records call the actor.
package struct ProcessIdentity: Sendable, Codable, Equatable {
  /// The person: the login user behind sudo.
  package var operatorName: String
  /// The user the process runs as.
  package var user: String
  package var host: String
  /// The kernel's id of this boot; empty where the kernel tells none.
  package var boot: String
  package var pid: Int
  /// When the process started, in clock ticks since the boot, so that a pid used again is another process.
  package var startTicks: Int64
  /// The terminal, for example `/dev/pts/3`; empty without one.
  package var tty: String
  package var opshVersion: String
  /// The SHA-256 of the program in hexadecimal digits; empty when it was not taken.
  package var opshDigest: String

  package init(
    operatorName: String,
    user: String,
    host: String,
    boot: String,
    pid: Int,
    startTicks: Int64,
    tty: String,
    opshVersion: String,
    opshDigest: String
  ) {
    self.operatorName = operatorName
    self.user = user
    self.host = host
    self.boot = boot
    self.pid = pid
    self.startTicks = startTicks
    self.tty = tty
    self.opshVersion = opshVersion
    self.opshDigest = opshDigest
  }
}
