/// The directories of the user who runs this program, from the environment it was started with.
package enum UserDirectory {
  /// Where settings lie, by the XDG base directory specification; nil without a HOME.
  package static func config(_ environment: [String: String]) -> String? {
    directory(environment, "XDG_CONFIG_HOME", ".config")
  }

  /// Where state is kept, by the XDG base directory specification; nil without a HOME.
  package static func state(_ environment: [String: String]) -> String? {
    directory(environment, "XDG_STATE_HOME", ".local/state")
  }

  /// A path of this machine with `~/` written out; as it is without a HOME.
  package static func expanding(_ path: String, _ environment: [String: String]) -> String {
    guard path.hasPrefix("~/"), let home = environment["HOME"] else { return path }
    return home + path.dropFirst()
  }

  // The specification: a relative path in a variable is to be ignored.
  private static func directory(_ environment: [String: String], _ variable: String, _ fallback: String) -> String? {
    if let path = environment[variable], path.hasPrefix("/") { return path }
    guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
    return "\(home)/\(fallback)"
  }
}
