import Glibc
import PrimitiveKit

/// The key of digests of this installation: 32 random bytes in a file of its owner, made when it is first needed.
struct DigestKeyFile {
  /// The directory for state; nil without one.
  let directory: String?

  private static var size: Int { 32 }

  /// Throws `secret.key`.
  func read() throws(CallFailure) -> DigestKey {
    guard let directory else {
      throw failure("there is no place for the key of digests: HOME is not set", hint: "set HOME or XDG_STATE_HOME")
    }
    let path = "\(directory)/digest.key"
    if access(path, F_OK) != 0 { try make(path, in: directory) }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure(path, errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure(path, errno) }
    guard status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
      throw failure(
        "the key of digests \(path) is not a file that only you may read",
        hint: "remove it: a new one is made, and digests of earlier runs compare no longer"
      )
    }
    var bytes = [UInt8](repeating: 0, count: DigestKeyFile.size + 1)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    guard count == DigestKeyFile.size else {
      throw failure(
        "the key of digests \(path) is damaged: it should be \(DigestKeyFile.size) bytes",
        hint: "restore it, or remove it: a new one is made, and digests of earlier runs compare no longer"
      )
    }
    return DigestKey(Array(bytes[..<count]))
  }

  /// Whoever comes first makes it; it appears whole.
  private func make(_ path: String, in directory: String) throws(CallFailure) {
    var folder = ""
    for part in directory.split(separator: "/") {
      folder += "/\(part)"
      guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw failure(folder, errno) }
    }
    var random = SystemRandomNumberGenerator()
    let bytes = (0..<DigestKeyFile.size).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
    let own = "\(path).\(getpid())-\(UInt32.random(in: 0 ... .max, using: &random))"
    let descriptor = open(own, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure(own, errno) }
    defer { unlink(own) }
    let written = write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
    let code = errno
    close(descriptor)
    guard written else { throw failure(own, code) }
    guard link(own, path) == 0 || errno == EEXIST else { throw failure(path, errno) }
  }

  private func failure(_ path: String, _ code: Int32) -> CallFailure {
    failure("the key of digests cannot be used: \(path): \(String(cString: strerror(code)))", hint: nil)
  }

  private func failure(_ message: String, hint: String?) -> CallFailure {
    CallFailure(.refused, code: "secret.key", message: message, hint: hint)
  }
}
