import Glibc
import PrimitiveKit

/// A file that holds a secret, read only while nobody but its owner may.
struct SecretFile {
  /// As the site names it.
  let name: String
  /// The whole path.
  let path: String

  /// What tells a file from another that lies there later.
  struct Stamp: Equatable {
    let device: UInt
    let inode: UInt
    let bytes: Int
    let changed: [Int]

    init(_ status: stat) {
      device = UInt(status.st_dev)
      inode = UInt(status.st_ino)
      bytes = Int(status.st_size)
      changed = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec]
    }
  }

  /// Bytes of the largest file.
  private static var limit: Int { 1 << 20 }

  /// The content; throws a `SecretFlaw`.
  func read() throws(SecretFlaw) -> (bytes: [UInt8], stamp: Stamp) {
    // A pipe without a writer must not hold us.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw unreadable(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw unreadable(errno) }
    try check(FileFacts(status), owner: status.st_uid)
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size) + 1)
    var count = 0
    while count < bytes.count {
      let room = bytes.count - count
      let got = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress?.advanced(by: count), room) }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw unreadable(errno) }
      if got == 0 { break }
      count += got
    }
    bytes.removeLast(bytes.count - count)
    return (bytes, Stamp(status))
  }

  private func check(_ facts: FileFacts, owner: uid_t) throws(SecretFlaw) {
    guard facts.kind == .file else {
      throw SecretFlaw("\(name) is \(facts.kind == .directory ? "a directory" : "not a regular file")")
    }
    guard owner == geteuid() else {
      throw SecretFlaw(
        "\(name) belongs to \(facts.owner), not to you",
        hint: "a secret lies in a file of your own; `ls -l \(ShellQuote.word(name))` shows whose this is",
        isRefused: true
      )
    }
    guard facts.isPrivate else {
      throw SecretFlaw(
        "\(name) is open to others (mode \(FileMode(facts.mode).text))",
        hint: "`chmod 600 \(ShellQuote.word(name))`; whoever could read it has it, so consider a new value",
        isRefused: true
      )
    }
    guard facts.bytes <= SecretFile.limit else { throw SecretFlaw("\(name) is larger than 1 MiB") }
  }

  private func unreadable(_ code: Int32) -> SecretFlaw {
    switch code {
    case ENOENT, ENOTDIR:
      SecretFlaw(
        "\(name) does not exist",
        hint: "`install -m 600 /dev/stdin \(ShellQuote.word(name))` writes it from what you type, up to Ctrl-D"
      )
    case EACCES, EPERM: SecretFlaw("\(name) may not be read by you", isRefused: true)
    default: SecretFlaw("\(name) cannot be read: \(String(cString: strerror(code)))")
    }
  }
}

/// What is wrong where a secret lives; never its value.
struct SecretFlaw: Error, Equatable {
  let what: String
  var hint: String?
  /// Whether it is there and must not be used.
  var isRefused = false

  init(_ what: String, hint: String? = nil, isRefused: Bool = false) {
    (self.what, self.hint, self.isRefused) = (what, hint, isRefused)
  }

  func failure(of secret: Secret) -> CallFailure {
    CallFailure(
      isRefused ? .refused : .invalid,
      code: isRefused ? "secret.exposed" : "secret.unreadable",
      message: "\(secret) cannot be used: \(what)",
      hint: hint
    )
  }
}

extension SecretFlaw {
  /// The value in what a place holds: its one line, without the end of it.
  ///
  /// `place` begins the sentence about what is wrong. Clears what it was given.
  static func line(of bytes: inout [UInt8], in place: String, hint: String? = nil) throws(SecretFlaw) -> [UInt8] {
    defer { clear(&bytes) }
    var line = bytes
    if line.last == UInt8(ascii: "\n") { line.removeLast() }
    guard !line.isEmpty else { throw SecretFlaw("\(place) is empty") }
    let lines = line.count { $0 == UInt8(ascii: "\n") } + 1
    guard lines == 1 else {
      clear(&line)
      throw SecretFlaw("\(place) holds \(lines) lines, and a secret is one", hint: hint)
    }
    guard !line.contains(0), !line.contains(UInt8(ascii: "\r")) else {
      let what = line.contains(0) ? "a NUL byte" : "a carriage return, as files from Windows have"
      clear(&line)
      throw SecretFlaw("\(place) holds \(what)", hint: hint)
    }
    return line
  }

  static func clear(_ bytes: inout [UInt8]) {
    bytes.withUnsafeMutableBytes { if let start = $0.baseAddress { explicit_bzero(start, $0.count) } }
    bytes = []
  }
}
