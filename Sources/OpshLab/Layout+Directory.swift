import Foundation
import Foundations
import Glibc

extension Layout {
  /// The layout below a directory given by a person: made absolute, links in it followed.
  init(directory: String) throws(LabError) {
    let url = URL(filePath: directory, directoryHint: .isDirectory).standardizedFileURL
    // The directory may not exist yet, so follow the links of its parent.
    let parent = url.deletingLastPathComponent().resolvingSymlinksInPath().path(percentEncoded: false)
    let prefix = parent.hasSuffix("/") ? parent : parent + "/"
    let path = prefix + url.lastPathComponent
    let plain = path.utf8.allSatisfy { byte in
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
        || "/._+@-".utf8.contains(byte)
    }
    // The path goes unquoted into sshd_config(5), a shell script and Lua; a long one would not fit the keeper's orders.
    guard plain, path.utf8.count <= 200, path.utf8.count > 1 else { throw .directoryName(directory: directory) }
    self.init(root: path)
  }

  /// Makes the directory and takes it for a new lab, or says why that cannot be.
  func claim(_ record: LabRecord) throws {
    let parent = String(root[..<(root.lastIndex(of: "/") ?? root.startIndex)])
    if !parent.isEmpty { try Files.makeDirectories(parent) }
    // Only its owner may enter: it holds a private key, and names in /tmp can be guessed.
    try Files.makeDirectory(root, mode: 0o700)
    var facts = stat()
    guard lstat(root, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR, facts.st_uid == geteuid() else {
      throw LabError.foreignDirectory(directory: root)
    }
    if Files.exists(self.record) { throw occupied }
    if !Files.list(root).isEmpty { throw LabError.notALab(directory: root) }
    guard try Files.claim(self.record, record.text()) else { throw occupied }
    chmod(root, 0o700)
  }

  private var occupied: LabError {
    let old = try? LabRecord.read(self)
    let starting = old?.state == .starting && ProcessStatus(note: old?.starter ?? "") != nil
    return starting || ProcessStatus(pidFile: keeperPid) != nil
      ? .alreadyUp(directory: root) : .leftOver(directory: root)
  }
}
