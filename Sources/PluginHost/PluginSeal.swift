import Foundation
package import PrimitiveKit

/// What a signature of a plugin covers: every file in its folder.
package enum PluginSeal {
  /// The text that is signed: a line with digest and path for each file, in the order of the paths.
  ///
  /// Throws `plugin.signature` for a folder that holds links or cannot be read as a whole.
  package static func text(of folder: String) throws(CallFailure) -> [UInt8] {
    guard let paths = try? FileManager.default.subpathsOfDirectory(atPath: folder) else {
      throw failure("\(folder) cannot be read", "check its permissions")
    }
    var lines: [String] = []
    for path in paths.sorted() {
      let file = "\(folder)/\(path)"
      switch (try? FileManager.default.attributesOfItem(atPath: file))?[.type] as? FileAttributeType {
      case .typeDirectory?: continue
      case .typeRegular?: break
      default: throw failure("\(file) is no regular file, so a signature cannot cover it", "put the file itself there")
      }
      guard let digest = SHA256(hashingFile: file) else {
        throw failure("\(file) cannot be read", "check its permissions")
      }
      // The name in quotes: whatever is in it stays on its line.
      lines.append("\(digest.hex) \(Value.string(path).literal)\n")
    }
    return Array(lines.joined().utf8)
  }

  private static func failure(_ message: String, _ hint: String) -> CallFailure {
    CallFailure(.refused, code: "plugin.signature", message: message, hint: hint)
  }
}
