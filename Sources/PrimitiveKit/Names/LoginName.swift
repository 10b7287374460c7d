import Foundation

/// The name of the user who runs this process.
package enum LoginName {
  /// From `$USER` or the user database, looked up once; never empty.
  package static let current: String = {
    let name = ProcessInfo.processInfo.environment["USER"] ?? NSUserName()
    return name.isEmpty ? "root" : name
  }()
}
