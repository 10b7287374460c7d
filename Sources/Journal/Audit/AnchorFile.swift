import Foundation
import Glibc
import PrimitiveKit

/// The file that holds hashes of the audit chain a second time, one JSON object a line.
///
/// Whoever removes the newest records from the database can make the rest look whole; this file tells.
package struct AnchorFile: Sendable {
  package let path: String
  /// A file that an older opsh kept them in, together with those of other journals; nil for none.
  package let older: String?

  package init(path: String, older: String? = nil) {
    self.path = path
    self.older = older
  }

  /// What the older file says of one journal.
  func olderLines(of journal: String) -> [AnchorLine] {
    guard let older else { return [] }
    return (AnchorFile(path: older).lines() ?? []).compactMap { $0 }.filter { $0.journal == journal }
  }

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
    return AnchorFile.lines(data)
  }

  /// The newest line of a journal among the last ones; nil without one.
  ///
  /// Reads no more than the end of the file, so it may be of any length.
  func newest(of journal: String) -> AnchorLine? {
    let before = older.flatMap { AnchorFile(path: $0).newest(of: journal) }
    return [newestHere(of: journal), before].compactMap(\.self).max { $0.seq < $1.seq }
  }

  private func newestHere(of journal: String) -> AnchorLine? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let size = lseek(descriptor, 0, SEEK_END)
    var bytes = [UInt8](repeating: 0, count: Int(min(max(size, 0), AnchorFile.tail)))
    let count = pread(descriptor, &bytes, bytes.count, size - off_t(bytes.count))
    // A first line that is cut in two cannot be read, like one that was edited.
    let lines = AnchorFile.lines(bytes.prefix(max(count, 0))).compactMap { $0 }
    return lines.filter { $0.journal == journal }.max { $0.seq < $1.seq }
  }

  private static let tail: off_t = 65_536

  private static func lines(_ bytes: some Collection<UInt8>) -> [AnchorLine?] {
    bytes.split(separator: UInt8(ascii: "\n")).map { line in
      let anchor: AnchorLine? = try? OperationCoding().decode(
        AnchorLine.self,
        from: String(decoding: line, as: UTF8.self)
      )
      return anchor
    }
  }

  private func failure(_ error: Int32) -> CallFailure {
    CallFailure(
      .journal,
      code: "journal.anchor",
      message: "\(path) cannot be written: \(String(cString: strerror(error)))"
    )
  }
}
