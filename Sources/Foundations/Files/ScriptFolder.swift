import Foundation

/// The directory of a script, where the paths that it names start.
package enum ScriptFolder {
  /// Absolute, from the path of the script's file, which may be relative to the current directory.
  package static func of(_ path: String) -> String {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    if path.hasPrefix("/") { return folder.isEmpty ? "/" : folder }
    return joining(FileManager.default.currentDirectoryPath, folder)
  }

  /// The path in a directory, without `.` in it; one that is absolute stays in its place.
  ///
  /// A `..` is kept: behind a symbolic link only the system knows what it means.
  package static func joining(_ folder: String, _ path: String) -> String {
    let whole = path.hasPrefix("/") ? path : "\(folder)/\(path)"
    return "/" + whole.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  }
}
