import Foundation
package import PrimitiveKit

/// The files of a plugin's folder as its signature covers them: what is read of it later must be the same.
package struct SealedFiles: Sendable, Equatable {
  package let folder: String
  /// From the root on.
  private let whole: String
  /// Digests in hex by the paths in the folder.
  private let digests: [String: String]

  /// Reads every file; throws `plugin.signature` for a folder that holds links or cannot be read as a whole.
  package init(_ folder: String) throws(CallFailure) {
    guard let paths = try? FileManager.default.subpathsOfDirectory(atPath: folder) else {
      throw SealedFiles.failure("\(folder) cannot be read", "check its permissions")
    }
    var digests: [String: String] = [:]
    for path in paths {
      let file = "\(folder)/\(path)"
      switch (try? FileManager.default.attributesOfItem(atPath: file))?[.type] as? FileAttributeType {
      case .typeDirectory?: continue
      case .typeRegular?: break
      default:
        throw SealedFiles.failure(
          "\(file) is no regular file, so a signature cannot cover it",
          "put the file itself there"
        )
      }
      guard let digest = SHA256(hashingFile: file) else {
        throw SealedFiles.failure("\(file) cannot be read", "check its permissions")
      }
      digests[path] = digest.hex
    }
    (self.folder, self.digests) = (folder, digests)
    whole = SealedFiles.whole(folder)
  }

  /// What is signed: a line with digest and path for each file, in the order of the paths.
  package var text: [UInt8] {
    // The name in quotes: whatever is in it stays on its line.
    let lines = digests.sorted { $0.key < $1.key }.map { "\($0.value) \(Value.string($0.key).literal)\n" }
    return Array(lines.joined().utf8)
  }

  /// Throws `plugin.signature` for a file of the folder that is not as it was when the signature was checked.
  package func check(_ bytes: some Sequence<UInt8>, of path: String) throws(CallFailure) {
    let file = SealedFiles.whole(path)
    guard file.hasPrefix("\(whole)/") else { return }
    guard digests[String(file.dropFirst(whole.count + 1))] != SHA256(hashing: Array(bytes)).hex else { return }
    throw SealedFiles.failure(
      "\(path) was changed after the signature of its plugin was checked",
      "sign the plugin again with `opsh sign \(folder)`, then `site.reload()`"
    )
  }

  private static func whole(_ path: String) -> String {
    let whole = URL(fileURLWithPath: path).standardizedFileURL.path(percentEncoded: false)
    return whole.hasSuffix("/") ? String(whole.dropLast()) : whole
  }

  private static func failure(_ message: String, _ hint: String) -> CallFailure {
    CallFailure(.refused, code: "plugin.signature", message: message, hint: hint)
  }
}
