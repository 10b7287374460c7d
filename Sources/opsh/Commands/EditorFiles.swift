import Drivers
import Foundation
import Foundations
import PrimitiveKit
import Reference

/// The files that `opsh init` writes into a folder: stubs, which are opsh's own, and settings, which are the author's.
struct EditorFiles {
  /// Where the stubs lie, as `.luarc.json` names it.
  static let stubFolder = ".opsh/stubs"

  private let folder: String
  private let stubs: LuaStubs
  private let moduleRoots: [String]

  /// `moduleRoots` are the directories that `require` looks in; the modules of opsh itself become stubs too.
  init(folder: String, stubs: LuaStubs, moduleRoots: [String]) {
    self.folder = folder
    self.stubs = stubs
    self.moduleRoots = moduleRoots
  }

  /// Writes what is missing or old and answers what was done, a line a file.
  ///
  /// Throws `file.foreign` for a stub that somebody else wrote, before anything is written, and `file.unwritable`.
  func write(isDry: Bool) throws(CallFailure) -> [String] {
    var changes: [(path: String, text: String, old: String?)] = []
    for (name, text) in try own {
      let path = place("\(Self.stubFolder)/\(name)")
      let old = try TextFile.readIfThere(path)
      if let old, !old.split(separator: "\n").prefix(2).contains(where: { $0.hasPrefix(LuaStubs.mark) }) {
        throw CallFailure(
          .invalid,
          code: "file.foreign",
          message: "\(path) was not written by `opsh init`, so it stays as it is",
          hint: "move it away, then run `opsh init` again"
        )
      }
      changes.append((path, text, old))
    }
    var lines: [String] = []
    for change in changes {
      if change.old == change.text {
        lines.append("\(change.path) is up to date")
        continue
      }
      if !isDry {
        try Self.makeFolder(PathText.directory(of: change.path))
        try TextFile.write(change.text, to: change.path)
      }
      lines.append("\(isDry ? "would write" : change.old == nil ? "wrote" : "updated") \(change.path)")
    }
    return lines + [try writeSettings(isDry: isDry)]
  }

  /// Creates a folder with those above it; throws `file.unwritable`.
  static func makeFolder(_ path: String) throws(CallFailure) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw CallFailure(
        .invalid,
        code: "file.unwritable",
        message: "the folder \(path) cannot be created",
        hint: "check the path and its permissions"
      )
    }
  }

  /// The settings belong to the author once they exist: nothing in them is changed, and what is missing is said.
  private func writeSettings(isDry: Bool) throws(CallFailure) -> String {
    for name in [".luarc.json", ".luarc.jsonc"] {
      guard let text = try TextFile.readIfThere(place(name)) else { continue }
      return text.contains(Self.stubFolder)
        ? "kept \(place(name))"
        : "kept \(place(name)), which does not name the stubs: add \"\(Self.stubFolder)\" to its `workspace.library`"
    }
    let path = place(".luarc.json")
    if !isDry { try TextFile.write(Self.settings, to: path) }
    return "\(isDry ? "would write" : "wrote") \(path)"
  }

  private func place(_ name: String) -> String { folder == "." ? name : "\(folder)/\(name)" }

  /// What opsh itself writes, by name; the modules that scripts `require` come with their annotations.
  private var own: [(name: String, text: String)] {
    get throws(CallFailure) {
      var files = [("opsh.lua", stubs.text)]
      guard let root = moduleRoots.last(where: { FileManager.default.fileExists(atPath: "\($0)/opsh/list.lua") }) else {
        return files
      }
      let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/opsh")) ?? []
      for name in names.sorted() where name.hasSuffix(".lua") {
        let text = try TextFile.read("\(root)/opsh/\(name)")
        files.append(("opsh/\(name)", "\(LuaStubs.mark(version: Opsh.version))\n\(text)"))
      }
      return files
    }
  }

  private static let settings = """
    {
      "runtime.version": "Lua 5.4",
      "runtime.path": ["lua/?.lua", "?.lua"],
      "runtime.builtin": { "debug": "disable", "io": "disable", "package": "disable" },
      "workspace.library": ["\(stubFolder)"],
      "workspace.checkThirdParty": false
    }

    """
}
