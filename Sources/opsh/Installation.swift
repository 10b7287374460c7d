import Foundation
import Foundations

/// Where opsh's own Lua modules, plugins and runbooks lie.
struct Installation {
  /// Directories that may hold `lua`, `plugins` and `runbooks`, the most specific first.
  private let roots: [String]

  /// Looks beside the site, in the share directory of the program, and in a checkout that holds the running program.
  ///
  /// `executable` is the running file; `invoked` is how it was called, which `searchPath` (PATH) completes: where that is a
  /// symbolic link, the share directory may lie beside any link on the way.
  init(
    siteDirectory: String?,
    executable: String? = Kernel.program,
    invoked: String = CommandLine.arguments[0],
    searchPath: String = ProcessInfo.processInfo.environment["PATH"] ?? ""
  ) {
    var roots: [String] = []
    if let siteDirectory { roots.append(siteDirectory) }
    let links = Installation.links(from: Installation.file(invoked, searchPath))
    let program = executable ?? links.last ?? invoked
    for file in [program] + links {
      let prefix = PathText.directory(of: PathText.directory(of: file))
      let share = prefix == "/" ? "/share/opsh" : "\(prefix)/share/opsh"
      if !roots.contains(share) { roots.append(share) }
    }
    var ancestor = PathText.directory(of: program)
    while ancestor.count > 1 {
      if FileManager.default.fileExists(atPath: "\(ancestor)/Package.swift") { roots.append(ancestor) }
      ancestor = PathText.directory(of: ancestor)
    }
    self.roots = roots
  }

  var moduleRoots: [String] { directories("lua").filter { FileManager.default.fileExists(atPath: $0) } }
  /// Those that do not exist too: `plugins()` says where opsh looked.
  var pluginRoots: [String] { directories("plugins") }
  /// The ids of the plugins that lie there.
  var plugins: [String] { pluginRoots.flatMap { (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? [] } }
  var runbookRoots: [String] { directories("runbooks").filter { FileManager.default.fileExists(atPath: $0) } }

  private func directories(_ name: String) -> [String] { roots.map { "\($0)/\(name)" } }

  /// The file that a word of the command line names, as a shell finds it; nil if no such file exists.
  private static func file(_ word: String, _ searchPath: String) -> String? {
    if word.contains("/") {
      return word.hasPrefix("/") ? word : "\(FileManager.default.currentDirectoryPath)/\(word)"
    }
    return searchPath.split(separator: ":").map { "\($0)/\(word)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// A file and where it leads, link by link, as far as 40 (`man 7 path_resolution`).
  private static func links(from file: String?) -> [String] {
    var files: [String] = []
    var next = file
    while let file = next, files.count < 40 {
      files.append(file)
      next = (try? FileManager.default.destinationOfSymbolicLink(atPath: file)).map { target in
        target.hasPrefix("/") ? target : "\(PathText.directory(of: file))/\(target)"
      }
    }
    return files
  }
}
