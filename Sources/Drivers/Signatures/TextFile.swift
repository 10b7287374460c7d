import Foundation
package import PrimitiveKit

/// Small files that operators name on the command line: reports, approvals, signatures.
package enum TextFile {
  /// The largest file that is read, in bytes.
  private static let limit = 16 << 20

  /// Reads UTF-8 text; throws `file.unreadable`.
  package static func read(_ path: String) throws(CallFailure) -> String {
    let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    guard size <= limit, let data = FileManager.default.contents(atPath: path) else {
      throw CallFailure(
        .invalid,
        code: "file.unreadable",
        message: "\(path) cannot be read\(size > limit ? ": it is larger than 16 MiB" : "")",
        hint: "check the path and its permissions"
      )
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw CallFailure(.invalid, code: "file.unreadable", message: "\(path) is not UTF-8 text")
    }
    return text
  }

  /// The same, nil when there is no such file.
  package static func readIfThere(_ path: String) throws(CallFailure) -> String? {
    FileManager.default.fileExists(atPath: path) ? try read(path) : nil
  }

  /// Writes the file aside and renames it into place; throws `file.unwritable`.
  package static func write(_ text: String, to path: String) throws(CallFailure) {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw CallFailure(
        .invalid,
        code: "file.unwritable",
        message: "\(path) cannot be written: \(error.localizedDescription)",
        hint: "check the directory, the disk and the permissions"
      )
    }
  }
}
