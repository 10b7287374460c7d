import Foundation
import Foundations

/// Where opsh's own Lua modules and plugins lie.
struct Installation {
  /// Directories that may hold `lua` and `plugins`, the most specific first.
  private let roots: [String]

  /// Looks beside the site, in the installed share directory, and in a checkout that holds the running program.
  init(siteDirectory: String?, executable: String = Kernel.program ?? CommandLine.arguments[0]) {
    var roots: [String] = []
    if let siteDirectory { roots.append(siteDirectory) }
    let directory = (executable as NSString).deletingLastPathComponent
    roots.append((directory as NSString).appendingPathComponent("../share/opsh"))
    var ancestor = directory
    while ancestor.count > 1 {
      if FileManager.default.fileExists(atPath: "\(ancestor)/Package.swift") { roots.append(ancestor) }
      ancestor = (ancestor as NSString).deletingLastPathComponent
    }
    self.roots = roots
  }

  var moduleRoots: [String] { directories("lua") }
  var pluginRoots: [String] { directories("plugins") }
  var runbookRoots: [String] { directories("runbooks") }

  private func directories(_ name: String) -> [String] {
    roots.map { "\($0)/\(name)" }.filter { FileManager.default.fileExists(atPath: $0) }
  }
}
