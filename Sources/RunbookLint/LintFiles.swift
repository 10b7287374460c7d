import Foundation
package import PrimitiveKit

/// The files that lint reads and the one it writes; replaced in tests.
package protocol LintFiles: Sendable {
  /// The bytes of a file, nil if it does not exist; throws `script.unreadable`.
  func read(_ path: String) throws(CallFailure) -> [UInt8]?
  /// The names in a folder; nil when it is none.
  func names(in folder: String) -> [String]?
  /// Replaces a file as a whole; throws `script.unwritable`.
  func write(_ bytes: [UInt8], to path: String) throws(CallFailure)
}

/// The files of this machine.
package struct SystemFiles: LintFiles {
  package init() {}

  // A runbook is text a person wrote; 16 MiB is far above any.
  private static let largest = 16 << 20

  package func read(_ path: String) throws(CallFailure) -> [UInt8]? {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
    let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    guard !isFolder.boolValue, size <= SystemFiles.largest, let data = FileManager.default.contents(atPath: path) else {
      throw CallFailure(
        .invalid,
        code: "script.unreadable",
        message: "\(path) cannot be read",
        hint: isFolder.boolValue ? "name a file: this is a folder" : "check its permissions"
      )
    }
    return Array(data)
  }

  package func names(in folder: String) -> [String]? { try? FileManager.default.contentsOfDirectory(atPath: folder) }

  package func write(_ bytes: [UInt8], to path: String) throws(CallFailure) {
    do {
      // Written beside it and renamed over it.
      try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw CallFailure(
        .invalid,
        code: "script.unwritable",
        message: "\(path) cannot be written",
        hint: "check the permissions of its folder"
      )
    }
  }
}
