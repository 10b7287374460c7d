import Foundation
import Foundations
import Glibc
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

  /// Writes the file aside and renames it into place; a device or a pipe is written as it is.
  ///
  /// Throws `file.unwritable`.
  package static func write(_ text: String, to path: String) throws(CallFailure) {
    do {
      let data = Data(text.utf8)
      // Renaming over `/dev/null` would replace the device.
      if isSpecial(path) {
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.write(contentsOf: data)
        try handle.close()
      } else {
        try data.write(to: URL(fileURLWithPath: path), options: .atomic)
      }
    } catch {
      throw unwritable(path, error.localizedDescription)
    }
  }

  /// Tries whether a file could be written there, before there is anything to write; leaves nothing behind.
  ///
  /// Throws `file.unwritable` for a directory, and where no file can be made beside it.
  package static func check(_ path: String) throws(CallFailure) {
    var status = stat()
    let kind = stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    if kind == S_IFDIR { throw unwritable(path, String(cString: strerror(EISDIR))) }
    if let kind, kind != S_IFREG {
      if access(path, W_OK) != 0 { throw unwritable(path, String(cString: strerror(errno))) }
      return
    }
    var name = Array("\(PathText.directory(of: path))/.opsh-XXXXXX".utf8CString)
    let descriptor = mkstemp(&name)
    guard descriptor >= 0 else { throw unwritable(path, String(cString: strerror(errno))) }
    // A block, since a full disk still takes a name.
    let block = [UInt8](repeating: 0, count: 4096)
    let code = Glibc.write(descriptor, block, block.count) == block.count ? 0 : errno
    close(descriptor)
    unlink(name)
    if code != 0 { throw unwritable(path, String(cString: strerror(code))) }
  }

  private static func isSpecial(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
  }

  private static func unwritable(_ path: String, _ reason: String) -> CallFailure {
    CallFailure(
      .invalid,
      code: "file.unwritable",
      message: "\(path) cannot be written: \(reason)",
      hint: "check the directory, the disk and the permissions"
    )
  }
}
