/// A path of this machine as a script names it, and where that is.
package struct LocalPath: Sendable, Hashable, Codable, CustomStringConvertible {
  /// As it was given: relative to the script, or absolute.
  package let text: String
  /// Where it starts when it is relative.
  package let folder: String
  /// The whole path.
  package let absolute: String

  package init(_ text: String, in folder: String, absolute: String) {
    (self.text, self.folder, self.absolute) = (text, folder, absolute)
  }

  package var description: String { text }

  /// What names it on every machine that has the script: a recording is made on one and replayed on others.
  var parts: [String: [UInt8]] {
    let name = text.hasPrefix("/") ? "" : folder.split(separator: "/").last.map(String.init) ?? ""
    return ["path": Array(text.utf8), "folder": Array(name.utf8)]
  }
}
