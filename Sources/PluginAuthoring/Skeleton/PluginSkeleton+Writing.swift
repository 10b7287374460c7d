import Foundation
import Foundations
package import PrimitiveKit

extension PluginSkeleton {
  /// Writes all files, or none; a dry run only looks whether it could.
  ///
  /// Throws `plugin.exists` and `plugin.unwritable`.
  package func write(to folder: String, isDry: Bool) throws(CallFailure) {
    let manager = FileManager.default
    guard !manager.fileExists(atPath: folder) else {
      throw CallFailure(
        .refused,
        code: "plugin.exists",
        message: "\(folder) exists; nothing was written",
        hint: "choose another id, or remove it first"
      )
    }
    if isDry { return }
    let name = folder.split(separator: "/").last ?? ""
    let draft = "\(PathText.directory(of: folder))/.\(name)-\(UUID().uuidString.prefix(8))"
    do {
      for file in files {
        let path = "\(draft)/\(file.path)"
        try manager.createDirectory(atPath: PathText.directory(of: path), withIntermediateDirectories: true)
        try Data(file.text.utf8).write(to: URL(fileURLWithPath: path))
      }
      try manager.moveItem(atPath: draft, toPath: folder)
    } catch {
      try? manager.removeItem(atPath: draft)
      throw CallFailure(
        .invalid,
        .local,
        code: "plugin.unwritable",
        message: "\(folder) cannot be written",
        hint: "check the permissions of \(PathText.directory(of: folder))"
      )
    }
  }
}
