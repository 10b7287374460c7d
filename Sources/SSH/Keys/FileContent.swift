import Foundations
import Glibc

/// A small file read whole, and what tells whether it has changed since.
struct FileContent {
  /// What `stat` says about a file's version.
  struct Version: Equatable, Sendable {
    var seconds, nanoseconds, size: Int
    var inode: UInt
  }

  let bytes: [UInt8]
  let mode: UInt32
  let version: Version

  /// Reads a file; the failure is an error number.
  ///
  /// Local files of a few kilobytes: read at once, without leaving the thread.
  static func read(_ path: String) -> Result<FileContent, FileFailure> {
    let number = open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return .failure(FileFailure(code: errno)) }
    let file = Descriptor(number)
    var status = stat()
    guard fstat(file.number, &status) == 0 else { return .failure(FileFailure(code: errno)) }
    // Of a directory there is nothing to read, and /dev/null is how a file is said to be empty.
    if status.st_mode & S_IFMT == S_IFDIR { return .failure(FileFailure(code: EISDIR)) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      return .success(FileContent(bytes: [], mode: status.st_mode & ~0o077, version: Version(status)))
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    let length = Glibc.read(file.number, &bytes, bytes.count)
    guard length >= 0 else { return .failure(FileFailure(code: errno)) }
    bytes.removeLast(bytes.count - length)
    return .success(FileContent(bytes: bytes, mode: status.st_mode, version: Version(status)))
  }

  static func version(of path: String) -> Version? {
    var status = stat()
    return stat(path, &status) == 0 ? Version(status) : nil
  }

  private init(bytes: [UInt8], mode: UInt32, version: Version) {
    self.bytes = bytes
    self.mode = mode
    self.version = version
  }

  /// Reads a private key file, which nobody but its owner may be able to read.
  init(keyFile path: String) throws(KeyFileError) {
    switch Self.read(path) {
    case .success(let file):
      if file.mode & 0o077 != 0 { throw .tooOpen(path: path, mode: file.mode) }
      self = file
    case .failure(let failure) where failure.code == ENOENT: throw .missing(path: path)
    case .failure(let failure):
      let fault = LocalFault(failure.code)
      throw .unreadable(path: path, reason: fault?.reason ?? describe(errno: failure.code), hint: fault?.hint)
    }
  }
}

/// Why a file could not be read: an error number.
struct FileFailure: Error {
  let code: Int32
}

extension FileContent.Version {
  fileprivate init(_ status: stat) {
    self.init(
      seconds: status.st_mtim.tv_sec,
      nanoseconds: status.st_mtim.tv_nsec,
      size: Int(status.st_size),
      inode: UInt(status.st_ino)
    )
  }
}
