import Foundation
import Glibc

/// The name of the user who runs this process.
package enum LoginName {
  /// From `$USER` or the user database, looked up once; never empty.
  package static let current: String = {
    let name = ProcessInfo.processInfo.environment["USER"] ?? NSUserName()
    return name.isEmpty ? "root" : name
  }()

  /// The person at work, whatever user they became since.
  ///
  /// The kernel's login id (man 5 proc, /proc/PID/loginuid), else the user behind sudo, else `current`.
  package static let person: String = loginUser() ?? userBehindSudo() ?? current

  private static func loginUser() -> String? {
    // All ones: nobody logged in, as in a container or a timer.
    guard let data = FileManager.default.contents(atPath: "/proc/self/loginuid"),
      let id = UInt32(String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)), id != .max
    else { return nil }
    return user(id)
  }

  // sudo makes it root's; anybody else can set it to any name.
  private static func userBehindSudo() -> String? {
    guard getuid() == 0 else { return nil }
    return ProcessInfo.processInfo.environment["SUDO_USER"].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The name of a user; nil where the user database has none.
  package static func user(_ id: UInt32) -> String? {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    // The entry points into the buffer.
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
      guard let start = buffer.baseAddress, getpwuid_r(id, &entry, start, buffer.count, &found) == 0, found != nil
      else { return nil }
      return entry.pw_name.map { String(cString: $0) }
    }
  }
}
