import Glibc
import PrimitiveKit
import SQLite

/// Turns errors of the library into failures for the operator.
enum SQLiteFailure {
  /// The failure behind an error; the first of the system's errors that says anything counts.
  static func of(_ error: SQLiteError) -> CallFailure {
    let (path, detail) = (error.path, error.detail)
    switch error.kind {
    case .locked: return locked(path)
    case .full: return full(path)
    case .readOnly: return readOnly(path, detail)
    case .corrupt: return corrupt(path, detail)
    case .inputOutput: return inputOutput(error.systemErrors, detail: detail, path: path)
    case .closed: return CallFailure(.journal, code: "journal.unavailable", message: "the journal \(path) is closed")
    case .tooFewArguments: return CallFailure(.journal, code: "journal.failed", message: detail)
    case .interrupted, .constraint, .other:
      return CallFailure(.journal, code: "journal.failed", message: "the journal \(path) failed: \(detail)")
    }
  }

  /// The failure behind an `errno` of a call on the file itself.
  static func ofSystem(_ error: Int32, path: String) -> CallFailure {
    inputOutput([error], detail: String(cString: strerror(error)), path: path)
  }

  static func readOnly(_ path: String, _ detail: String) -> CallFailure {
    CallFailure(
      .journal,
      .readOnly,
      code: "journal.read_only",
      message: "the journal \(path) cannot be written: \(detail)",
      hint: "make the file and its directory writable; reads still work"
    )
  }

  static func moved(_ path: String) -> CallFailure {
    CallFailure(
      .journal,
      code: "journal.unavailable",
      message: "the journal \(path) is no longer where it was opened",
      hint: "put the file back, or restart opsh to create a new one"
    )
  }

  private static func locked(_ path: String) -> CallFailure {
    CallFailure(
      .journal,
      code: "journal.unavailable",
      message: "the journal \(path) was locked by another process for too long",
      hint: "find the process that holds it with `fuser \(path)`: another opsh, or a tool that has the file open"
    )
  }

  static func full(_ path: String) -> CallFailure {
    CallFailure(
      .journal,
      code: "journal.full",
      message: "the journal \(path) cannot grow: no space left",
      hint: "free space on its disk; until then changes are refused and reads still work"
    )
  }

  static func corrupt(_ path: String, _ detail: String) -> CallFailure {
    CallFailure(
      .journal,
      .damaged,
      code: "journal.corrupt",
      message: "the journal \(path) is damaged: \(detail)",
      hint: "restore a backup with `opsh journal restore BACKUP`; save what can be read with `opsh audit export`"
    )
  }

  private static func inputOutput(_ errors: [Int32], detail: String, path: String) -> CallFailure {
    let error = errors.first { $0 != 0 } ?? 0
    switch error {
    case ENOSPC, EDQUOT, EFBIG: return full(path)
    case EROFS, EACCES, EPERM: return readOnly(path, String(cString: strerror(error)))
    default:
      return CallFailure(
        .journal,
        code: "journal.unavailable",
        message: "the journal \(path) cannot be reached: \(detail)",
        hint: "check that the directory exists and its disk works"
      )
    }
  }
}
