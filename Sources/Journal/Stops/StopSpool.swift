import Foundation
import Glibc
package import PrimitiveKit

/// The calls of the stop lane that the journal does not have yet: one file each, in a folder of its own.
///
/// A file is whole or not there, and it goes only when the journal has its call, by its id: who drains it a second time
/// finds the run in the journal and removes the file. While a call is at work, what it does to each host is a line at the
/// end of a second file beside it, so that not even a kill loses that.
package struct StopSpool: Sendable {
  package let folder: String

  package init(folder: String) { self.folder = folder }

  /// Where the call of a run is kept.
  package func path(of id: String) -> String { "\(folder)/\(id).json" }

  /// Writes a call, durable when this returns; throws `journal.spool`.
  package func save(_ call: SpooledCall) throws(CallFailure) {
    let bytes = Array(try OperationCoding().encode(call).utf8)
    let temporary = "\(folder)/.\(call.id).\(getpid())"
    if mkdir(folder, 0o700) != 0, errno != EEXIST {
      // The state directory itself may not be there yet.
      try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      chmod(folder, 0o700)
    }
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure(temporary, errno) }
    let written = bytes.withUnsafeBytes { StopSpool.write(descriptor, $0) }
    let code = written && fsync(descriptor) == 0 ? 0 : errno
    close(descriptor)
    guard code == 0, rename(temporary, path(of: call.id)) == 0 else {
      let reason = code == 0 ? errno : code
      unlink(temporary)
      throw failure(path(of: call.id), reason)
    }
    syncFolder()
    // All of it is in the whole file now.
    if call.endedAt != nil { unlink(linesPath(of: call.id)) }
  }

  /// Adds lines to what a call at work has done, durable when this returns; throws `journal.spool`.
  func append(_ lines: [SpooledCall.Line], of id: String) throws(CallFailure) {
    var text = ""
    for line in lines { text += try OperationCoding().encode(line) + "\n" }
    let path = linesPath(of: id)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure(path, errno) }
    defer { close(descriptor) }
    let written = Array(text.utf8).withUnsafeBytes { StopSpool.write(descriptor, $0) }
    guard written, fdatasync(descriptor) == 0 else { throw failure(path, errno) }
  }

  private func linesPath(of id: String) -> String { "\(folder)/\(id).lines" }

  /// What a call had done when it was cut off; a last line that is cut off counts for nothing.
  private func lines(of id: String) -> [SpooledCall.Line] {
    guard let data = FileManager.default.contents(atPath: linesPath(of: id)) else { return [] }
    return data.split(separator: UInt8(ascii: "\n")).compactMap { line in
      let read: SpooledCall.Line? = try? OperationCoding().decode(
        SpooledCall.Line.self,
        from: String(decoding: line, as: UTF8.self)
      )
      return read
    }
  }

  /// The calls that wait, the oldest first, and the files that cannot be read.
  package func calls() -> (calls: [SpooledCall], damaged: [String]) {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".json") }
    var (calls, damaged): ([SpooledCall], [String]) = ([], [])
    for name in names.sorted() where !name.hasPrefix(".") {
      // Gone since the look: somebody else drained it.
      guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else { continue }
      let call: SpooledCall? = try? OperationCoding().decode(
        SpooledCall.self,
        from: String(decoding: data, as: UTF8.self)
      )
      guard var call, "\(call.id).json" == name else {
        damaged.append("\(folder)/\(name)")
        continue
      }
      if call.endedAt == nil { for line in lines(of: call.id) { call.add(line) } }
      calls.append(call)
    }
    return (calls, damaged)
  }

  /// Forgets a call that the journal has.
  package func remove(_ id: String) {
    unlink(path(of: id))
    unlink(linesPath(of: id))
    syncFolder()
  }

  private func syncFolder() {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }

  private func failure(_ path: String, _ error: Int32) -> CallFailure {
    let reason = String(cString: strerror(error))
    return CallFailure(.journal, code: "journal.spool", message: "\(path) cannot be written: \(reason)")
  }
}
