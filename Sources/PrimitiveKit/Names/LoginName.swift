import Foundation

/// The name of the user who runs this process.
package enum LoginName {
  /// From `$USER` or the user database; never empty.
  package static var current: String {
    let name = ProcessInfo.processInfo.environment["USER"] ?? NSUserName()
    return name.isEmpty ? "root" : name
  }
}
