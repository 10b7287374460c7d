import CProcess
import Cryptography
import Glibc
package import PrimitiveKit

/// The files of this machine, by its system calls.
package struct MachineFiles: LocalFiles {
  private let syncFolder: @Sendable (Int32) -> Int32

  /// `syncFolder` puts an open directory on the disk, as fsync(2) does.
  package init(syncFolder: @escaping @Sendable (Int32) -> Int32 = { fsync($0) }) { self.syncFolder = syncFolder }

  package func look(_ path: LocalPath, digest: Bool) async throws(CallFailure) -> FileFacts? {
    try await BlockingWork.run(isLook: true) { (work) throws(CallFailure) -> FileFacts? in
      var status = stat()
      guard stat(path.absolute, &status) == 0 else {
        let code = errno
        // A file where a directory should be has nothing below it.
        if code == ENOENT || code == ENOTDIR { return nil }
        throw FileFault(path, "cannot be looked at", code).failure
      }
      var facts = FileFacts(status)
      guard digest, facts.kind == .file else { return facts }
      let sum = RunningDigest()
      _ = try scan(path, limit: .max, until: { work.isCancelled }) { sum.append($0) }
      facts.digest = Digest.hexadecimal(sum.finish())
      return facts
    }
  }

  package func read(_ path: LocalPath, limit: Int) async throws(CallFailure) -> FileContent {
    try await BlockingWork.run(isLook: true) { (work) throws(CallFailure) -> FileContent in
      var bytes: [UInt8] = []
      let facts = try scan(path, limit: limit, until: { work.isCancelled }) { bytes += $0 }
      return FileContent(bytes: bytes, facts: facts)
    }
  }

  package func replace(_ file: FileReplacement) async throws(CallFailure) {
    try await BlockingWork.run(isLook: false) { (_) throws(CallFailure) in try put(file) }
  }

  package func remove(_ path: LocalPath) async throws(CallFailure) {
    try await BlockingWork.run(isLook: false) { (_) throws(CallFailure) in
      let place = try target(of: path)
      let folder = try open(folderOf: place, of: path, "cannot be removed")
      defer { close(folder) }
      guard unlink(place) == 0 || errno == ENOENT else { throw FileFault(path, "cannot be removed", errno).failure }
      try sync(folder, of: path, "was removed")
    }
  }

  private func put(_ file: FileReplacement) throws(CallFailure) {
    let place = try target(of: file.path)
    var old = stat()
    let isThere = lstat(place, &old) == 0
    if isThere { try FileFault.check(file.path, old, "cannot be replaced") }
    // Before anything is changed: a directory that cannot be synced is no place for what must last.
    let folder = try open(folderOf: place, of: file.path, "cannot be written")
    defer { close(folder) }
    let beside = HostPath(place).beside(file.token).plain
    // What an attempt that was killed left behind; the name is this change's own.
    unlink(beside)
    let descriptor = Glibc.open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
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
    guard file.isNew else {
      try require(rename(beside, place))
      isPlaced = true
      return try sync(folder, of: file.path, "is in place")
    }
    var placed = renameat2(AT_FDCWD, beside, AT_FDCWD, place, noReplace)
    // A file system that cannot tell renames as any other does.
    if placed != 0, errno == EINVAL || errno == ENOSYS { placed = rename(beside, place) }
    guard placed == 0 || errno != EEXIST else { throw FileFault.made(file.path) }
    try require(placed)
    isPlaced = true
    try sync(folder, of: file.path, "is in place")
  }

  /// RENAME_NOREPLACE (man 2 rename).
  private var noReplace: UInt32 { 1 }

  /// The directory that a file lies in, to be synced; the caller closes it.
  private func open(folderOf place: String, of path: LocalPath, _ what: String) throws(CallFailure) -> Int32 {
    let slash = place.lastIndex(of: "/") ?? place.startIndex
    let folder = slash == place.startIndex ? "/" : String(place[..<slash])
    let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileFault(path, what, errno).failure }
    return descriptor
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

  /// A rename is on the disk when its directory is: until then nobody can say what lies there after a crash.
  private func sync(_ folder: Int32, of path: LocalPath, _ what: String) throws(CallFailure) {
    guard syncFolder(folder) == 0 || errno == EINVAL else {
      var failure = FileFault(path, "\(what), and its directory cannot be synced", errno).failure
      failure.failureClass = .unknownOutcome
      throw failure
    }
  }

  /// Hands the content on piece by piece; answers what the file was when it was opened.
  private func scan(
    _ path: LocalPath,
    limit: Int,
    until isOver: () -> Bool,
    _ take: (UnsafeRawBufferPointer) -> Void
  ) throws(CallFailure) -> FileFacts {
    // A pipe without a writer must not hold us; what is no file is refused before it is read.
    let descriptor = Glibc.open(path.absolute, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileFault(path, "cannot be read", errno).failure }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileFault(path, "cannot be read", errno).failure }
    let facts = FileFacts(status)
    guard facts.kind == .file else { throw FileFault.wrongKind(path, facts.kind, "cannot be read") }
    guard facts.bytes <= limit else { throw FileFault.tooLarge(path, facts.bytes, limit) }
    var total = 0
    var piece = [UInt8](repeating: 0, count: 1 << 17)
    while true {
      let count = Glibc.read(descriptor, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileFault(path, "cannot be read", errno).failure }
      guard count > 0 else { return facts }
      total += count
      // Files of /proc say that they are empty, and others grow while they are read.
      guard total <= limit else { throw FileFault.tooLarge(path, total, limit) }
      if isOver() { throw .cancelled }
      piece.withUnsafeBytes { take(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
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
