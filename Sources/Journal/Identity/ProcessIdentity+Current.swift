import Foundation
import Glibc
import PrimitiveKit

extension ProcessIdentity {
  /// The identity of this process; `digest` is the SHA-256 of its program.
  package static func current(version: String, digest: String = programDigest) -> ProcessIdentity {
    ProcessIdentity(
      operatorName: LoginName.person,
      user: LoginName.user(geteuid()) ?? "\(geteuid())",
      host: ProcessInfo.processInfo.hostName,
      boot: firstLine("/proc/sys/kernel/random/boot_id") ?? "",
      pid: Int(getpid()),
      startTicks: startTicks(of: Int(getpid())) ?? 0,
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
    return ProcessIdentity.startTicks(of: pid) == startTicks
  }

  // Field 22 (man 5 proc, /proc/PID/stat); the second one, in brackets, may hold spaces and brackets itself.
  private static func startTicks(of pid: Int) -> Int64? {
    guard let line = firstLine("/proc/\(pid)/stat"), let bracket = line.lastIndex(of: ")") else { return nil }
    let fields = line[bracket...].split(separator: " ")
    return fields.count > 20 ? Int64(fields[20]) : nil
  }

  private static func firstLine(_ path: String) -> String? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    return String(decoding: data, as: UTF8.self).split(separator: "\n").first.map(String.init)
  }
}
