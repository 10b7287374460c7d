import Foundation
import Foundations
import Glibc
import PrimitiveKit

extension ProcessIdentity {
  /// The identity of this process; `digest` is the SHA-256 of its program.
  package static func current(version: String, digest: String = programDigest) -> ProcessIdentity {
    ProcessIdentity(
      operatorName: LoginName.person,
      user: LoginName.user(geteuid()) ?? "\(geteuid())",
      host: ProcessInfo.processInfo.hostName,
      boot: Kernel.boot,
      pid: Int(getpid()),
      startTicks: ProcessStatus(of: getpid())?.startTicks ?? 0,
      tty: (0...2).lazy.compactMap { ttyname($0).map { String(cString: $0) } }.first ?? "",
      opshVersion: version,
      opshDigest: digest
    )
  }

  /// The SHA-256 of the running program's file in hexadecimal digits; empty when it cannot be read.
  package static let programDigest: String =
    SHA256(hashingFile: "/proc/self/exe")?.hex ?? ""

  /// Whether the process still runs, as far as this machine can tell; nil for one of another machine or boot.
  package func isRunning(seenFrom other: ProcessIdentity) -> Bool? {
    guard !boot.isEmpty, host == other.host, boot == other.boot else { return nil }
    return pid_t(exactly: pid).flatMap(ProcessStatus.init(of:))?.startTicks == startTicks
  }
}
