import Foundations
import Glibc
import PrimitiveKit

/// Why something cannot be done with a file, in the words of the script that named it.
struct FileFault {
  let path: LocalPath
  /// What cannot be done, such as `cannot be read`.
  let what: String
  /// The value of errno; nil where the words say all.
  let code: Int32?

  init(_ path: LocalPath, _ what: String, _ code: Int32?) { (self.path, self.what, self.code) = (path, what, code) }

  var failure: CallFailure {
    let why = code.map { ": \(reason($0))" } ?? ""
    let name = code == ENOENT ? "file.missing" : code == EACCES || code == EPERM ? "file.denied" : "file.failed"
    return CallFailure(.failed, code: name, message: "\(path) \(what)\(why)", hint: hint)
  }

  private func reason(_ code: Int32) -> String {
    switch code {
    case ENOENT: what == "cannot be written" ? "its directory does not exist" : "it does not exist"
    case ENOTDIR: "a part of the path is not a directory"
    case EACCES, EPERM: "permission denied"
    case EISDIR: "it is a directory"
    default: LocalFault(code)?.reason ?? String(cString: strerror(code))
    }
  }

  private var hint: String? {
    switch code {
    case ENOENT, ENOTDIR:
      path.text == path.absolute ? "check the path" : "it was looked for at \(path.absolute)"
    case EACCES, EPERM: "`ls -l \(ShellQuote.word(path.absolute))` shows who may"
    case let code?: LocalFault(code)?.hint
    case nil: nil
    }
  }

  static func wrongKind(_ path: LocalPath, _ kind: FileFacts.Kind, _ what: String) -> CallFailure {
    let found = kind == .directory ? "it is a directory" : "it is not a regular file"
    return CallFailure(
      .invalid,
      code: "file.kind",
      message: "\(path) \(what): \(found)",
      hint: "give the path of a file"
    )
  }

  static func tooLarge(_ path: LocalPath, _ bytes: Int, _ limit: Int) -> CallFailure {
    CallFailure(
      .invalid,
      code: "file.size",
      message: "\(path) is too large to be read: \(bytes) bytes, at most \(limit) are allowed",
      hint: "pass a higher `limit`, or let a program pick out the part you need"
    )
  }

  /// Somebody made a file where there was none.
  static func made(_ path: LocalPath) -> CallFailure {
    CallFailure(
      .refused,
      code: "file.changed",
      message: "\(path) was made by somebody else since it was looked at; it is left as it is",
      hint: "look at it, then run this again"
    )
  }

  /// Throws for what is replaced by nobody: a directory, a device, a file with several names.
  static func check(_ path: LocalPath, _ status: stat, _ what: String) throws(CallFailure) {
    let facts = FileFacts(status)
    guard facts.kind == .file else { throw wrongKind(path, facts.kind, what) }
    guard facts.links == 1 else {
      throw CallFailure(
        .refused,
        code: "file.links",
        message: "\(path) \(what): it has \(facts.links) names (hard links); the others would keep the old content",
        hint: "`find -samefile` lists them"
      )
    }
  }
}
