import Cryptography
import Glibc
package import PrimitiveKit

/// The files of this machine, by its system calls.
package struct MachineFiles: LocalFiles {
  package init() {}

  @concurrent
  package func look(_ path: LocalPath, digest: Bool) async throws(CallFailure) -> FileFacts? {
    var status = stat()
    guard stat(path.absolute, &status) == 0 else {
      let code = errno
      // A file where a directory should be has nothing below it.
      if code == ENOENT || code == ENOTDIR { return nil }
      throw FileFault(path, "cannot be looked at", code).failure
    }
    var facts = FileFacts(status)
    if digest, facts.kind == .file { facts.digest = try content(of: path, limit: .max).digest }
    return facts
  }

  @concurrent
  package func read(_ path: LocalPath, limit: Int) async throws(CallFailure) -> FileContent {
    let (bytes, facts, _) = try content(of: path, limit: limit, keeps: true)
    return FileContent(bytes: bytes, facts: facts)
  }

  @concurrent
  package func replace(_ file: FileReplacement) async throws(CallFailure) {
    let place = try target(of: file.path)
    var old = stat()
    let isThere = lstat(place, &old) == 0
    if isThere { try FileFault.check(file.path, old, "cannot be replaced") }
    let slash = place.lastIndex(of: "/") ?? place.startIndex
    let folder = slash == place.startIndex ? "/" : String(place[..<slash])
    let beside = HostPath(place).beside(file.token).plain
    // What an attempt that was killed left behind; the name is this change's own.
    unlink(beside)
    let descriptor = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw FileFault(file.path, "cannot be written", errno).failure }
    var isPlaced = false
    defer {
      close(descriptor)
      if !isPlaced { unlink(beside) }
    }
    func require(_ answer: Int32) throws(CallFailure) {
      if answer != 0 { throw FileFault(file.path, "cannot be written", errno).failure }
    }
    try write(file.content, to: descriptor, of: file.path)
    if isThere, old.st_uid != geteuid() || old.st_gid != getegid() {
      guard fchown(descriptor, old.st_uid, old.st_gid) == 0 else {
        throw FileFault(file.path, "cannot be replaced and stay \(FileFacts(old).owner)'s", errno).failure
      }
    }
    // After the owner, whose change takes bits away.
    try require(fchmod(descriptor, mode_t(file.mode ?? (isThere ? Int(old.st_mode & 0o7777) : 0o644))))
    try require(fsync(descriptor))
    try require(rename(beside, place))
    isPlaced = true
    try sync(folder, of: file.path)
  }

  @concurrent
  package func remove(_ path: LocalPath) async throws(CallFailure) {
    let place = try target(of: path)
    guard unlink(place) == 0 || errno == ENOENT else { throw FileFault(path, "cannot be removed", errno).failure }
    try sync(String(place[..<(place.lastIndex(of: "/") ?? place.startIndex)]) + "/", of: path)
  }

  /// The path behind a symbolic link: the link stays, what it names is replaced.
  private func target(of path: LocalPath) throws(CallFailure) -> String {
    guard let real = realpath(path.absolute, nil) else {
      if errno == ENOENT {
        var status = stat()
        guard lstat(path.absolute, &status) != 0 else {
          throw FileFault(path, "is a link to nothing", nil).failure
        }
        return path.absolute
      }
      throw FileFault(path, "cannot be written", errno).failure
    }
    defer { free(real) }
    return String(cString: real)
  }

  private func write(_ content: [UInt8], to descriptor: Int32, of path: LocalPath) throws(CallFailure) {
    var written = 0
    while written < content.count {
      let count = content.withUnsafeBytes { bytes in
        Glibc.write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw FileFault(path, "cannot be written", errno).failure }
      written += count
    }
  }

  /// A rename is on the disk when its directory is.
  private func sync(_ folder: String, of path: LocalPath) throws(CallFailure) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw FileFault(path, "is in place, and its directory cannot be synced", errno).failure
    }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw FileFault(path, "is in place, and its directory cannot be synced", errno).failure
    }
  }

  private func content(of path: LocalPath, limit: Int, keeps: Bool = false) throws(CallFailure)
    -> (bytes: [UInt8], facts: FileFacts, digest: String)
  {
    // A pipe without a writer must not hold us; what is no file is refused before it is read.
    let descriptor = open(path.absolute, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileFault(path, "cannot be read", errno).failure }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileFault(path, "cannot be read", errno).failure }
    let facts = FileFacts(status)
    guard facts.kind == .file else { throw FileFault.wrongKind(path, facts.kind, "cannot be read") }
    guard facts.bytes <= limit else { throw FileFault.tooLarge(path, facts.bytes, limit) }
    var bytes: [UInt8] = []
    let digest = RunningDigest()
    var total = 0
    var piece = [UInt8](repeating: 0, count: 1 << 17)
    while true {
      let count = Glibc.read(descriptor, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileFault(path, "cannot be read", errno).failure }
      guard count > 0 else { break }
      total += count
      // Files of /proc say that they are empty, and others grow while they are read.
      guard total <= limit else { throw FileFault.tooLarge(path, total, limit) }
      if Task.isCancelled { throw .cancelled }
      if keeps {
        bytes += piece[..<count]
      } else {
        piece.withUnsafeBytes { digest.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      }
    }
    return (bytes, facts, keeps ? "" : Digest.hexadecimal(digest.finish()))
  }
}

extension FileFacts {
  /// What the system says of a file (man 2 stat).
  init(_ status: stat) {
    let kind: Kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .directory
      default: .other
      }
    self.init(
      kind: kind,
      bytes: Int(status.st_size),
      mode: Int(status.st_mode & 0o7777),
      owner: FileFacts.user(status.st_uid),
      group: FileFacts.group(status.st_gid),
      links: Int(status.st_nlink),
      modified: Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
    )
  }

  private static func user(_ id: uid_t) -> String {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 4096)
    guard getpwuid_r(id, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name else {
      return "\(id)"
    }
    return String(cString: name)
  }

  private static func group(_ id: gid_t) -> String {
    var entry = Glibc.group()
    var found: UnsafeMutablePointer<Glibc.group>?
    var buffer = [CChar](repeating: 0, count: 4096)
    guard getgrgid_r(id, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.gr_name else {
      return "\(id)"
    }
    return String(cString: name)
  }
}
