import Foundation
import Glibc

/// The few file operations a lab needs, with errors that name the path.
enum Files {
  static func makeDirectory(_ path: String, mode: mode_t = 0o755) throws(LabError) {
    if mkdir(path, mode) != 0 && errno != EEXIST { throw failure("mkdir", path) }
  }

  static func makeDirectories(_ path: String) throws(LabError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw .system(call: "mkdir", subject: path, detail: error.localizedDescription)
    }
  }

  /// Writes a new file, or replaces an old one as one step.
  static func write(_ text: String, to path: String, mode: mode_t = 0o644) throws(LabError) {
    let next = path + ".next"
    unlink(next)
    try create(next, text, mode: mode)
    if rename(next, path) != 0 { throw failure("rename", path) }
  }

  /// Writes a file that must not exist yet; false when it does.
  static func claim(_ path: String, _ text: String) throws(LabError) -> Bool {
    if access(path, F_OK) == 0 { return false }
    do {
      try create(path, text, mode: 0o644)
    } catch .system(_, _, let detail) where detail == String(cString: strerror(EEXIST)) {
      return false
    }
    return true
  }

  private static func create(_ path: String, _ text: String, mode: mode_t) throws(LabError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    if descriptor < 0 { throw failure("open", path) }
    defer { close(descriptor) }
    // Not what the umask left over: sshd and ssh look at these modes.
    fchmod(descriptor, mode)
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno != EINTR { throw failure("write", path) }
      bytes = bytes.dropFirst(max(count, 0))
    }
  }

  static func read(_ path: String) -> String? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    return String(decoding: data, as: UTF8.self)
  }

  static func list(_ path: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: path))?.sorted() ?? []
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func link(_ path: String, to target: String) throws(LabError) {
    if symlink(target, path) != 0 && errno != EEXIST { throw failure("symlink", path) }
  }

  /// A second name for a file; a copy where the file system has no hard links.
  static func share(_ source: String, as path: String) throws(LabError) {
    if Glibc.link(source, path) == 0 { return }
    do {
      try FileManager.default.copyItem(atPath: source, toPath: path)
    } catch {
      throw .system(call: "copy", subject: path, detail: error.localizedDescription)
    }
  }

  static func removeTree(_ path: String) throws(LabError) {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      if exists(path) { throw .system(call: "remove", subject: path, detail: error.localizedDescription) }
    }
  }

  private static func failure(_ call: String, _ path: String) -> LabError {
    .system(call: call, subject: path, detail: String(cString: strerror(errno)))
  }
}
