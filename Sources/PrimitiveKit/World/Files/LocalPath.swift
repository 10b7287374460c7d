/// A path of this machine as a script names it, and where that is.
package struct LocalPath: Sendable, Hashable, Codable, CustomStringConvertible {
  /// As it was given: relative to the script, or absolute.
  package let text: String
  /// Where it starts when it is relative.
  package let folder: String
  /// The plugin whose code names it; nil for a script.
  package let plugin: String?
  /// The whole path.
  package let absolute: String

  package init(_ text: String, in folder: String, of plugin: String? = nil, absolute: String) {
    (self.text, self.folder, self.plugin, self.absolute) = (text, folder, plugin, absolute)
  }

  package var description: String { text }

  /// Whether it starts at its folder; what is below `~/` starts at home.
  private var isRelative: Bool { !text.hasPrefix("/") && text != "~" && !text.hasPrefix("~/") }

  /// What names it on every machine that has the script: a recording is made on one and replayed on others.
  var parts: [String: [UInt8]] {
    let last = folder.split(separator: "/").last.map(String.init) ?? ""
    let start = isRelative ? plugin.map { "plugin \($0)" } ?? last : ""
    return ["path": Array(text.utf8), "folder": Array(start.utf8)]
  }
}
