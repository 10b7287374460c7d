import Foundation
import Glibc
import PrimitiveKit

/// The file that holds hashes of the audit chain a second time, one JSON object a line.
///
/// Whoever removes the newest records from the database can make the rest look whole; this file tells.
package struct AnchorFile: Sendable {
  package let path: String

  package init(path: String) { self.path = path }

  /// The name under which a journal counts the lines of this file.
  func sink(host: String) -> String { "\(host):\(path)" }

  /// Adds a line that is on the disk when this returns; throws `journal.anchor`.
  func append(_ line: AnchorLine) throws(CallFailure) {
    let text = try OperationCoding().encode(line) + "\n"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure(errno) }
    defer { close(descriptor) }
    // One write of a short line to the end of a file: lines of two processes do not mix (man 2 write, O_APPEND).
    let bytes = Array(text.utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else { throw failure(errno) }
  }

  /// The lines, each nil where it cannot be read; nil without a file.
  func lines() -> [AnchorLine?]? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    return data.split(separator: UInt8(ascii: "\n")).map { line in
      let text = String(decoding: line, as: UTF8.self)
      let anchor: AnchorLine? = try? OperationCoding().decode(AnchorLine.self, from: text)
      return anchor
    }
  }

  private func failure(_ error: Int32) -> CallFailure {
    CallFailure(code: "journal.anchor", message: "\(path) cannot be written: \(String(cString: strerror(error)))")
  }
}
