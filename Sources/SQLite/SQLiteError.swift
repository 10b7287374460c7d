import CSQLite

/// Why a statement has no answer (sqlite.org/rescode.html).
package struct SQLiteError: Error, Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// Another connection held the file for longer than the busy timeout.
    case locked
    case full
    case readOnly
    case corrupt
    /// The file cannot be opened, read or written; `systemErrors` say why.
    case inputOutput
    case interrupted
    case constraint
    /// Fewer arguments than the statement has parameters.
    case tooFewArguments
    case closed
    case other
  }

  package let kind: Kind
  /// The library's extended result code.
  package let code: Int32
  /// What the system said, the log's own word first; 0 when it gave none.
  package let systemErrors: [Int32]
  /// The library's own text.
  package let detail: String
  package let path: String

  package init(code: Int32, systemErrors: [Int32] = [], detail: String, path: String) {
    self.code = code
    kind = SQLiteError.kind(code)
    self.systemErrors = systemErrors
    self.detail = detail
    self.path = path
  }

  static func closed(_ path: String) -> SQLiteError {
    SQLiteError(.closed, SQLITE_MISUSE, "the file is closed", path)
  }
  static func interrupted(_ path: String) -> SQLiteError {
    SQLiteError(.interrupted, SQLITE_INTERRUPT, "interrupted", path)
  }
  static func locked(_ path: String) -> SQLiteError {
    SQLiteError(.locked, SQLITE_BUSY, "database is locked", path)
  }

  private init(_ kind: Kind, _ code: Int32, _ detail: String, _ path: String) {
    (self.kind, self.code, systemErrors, self.detail, self.path) = (kind, code, [], detail, path)
  }

  private static func kind(_ code: Int32) -> Kind {
    switch code & 0xff {
    case SQLITE_BUSY, SQLITE_LOCKED: .locked
    case SQLITE_FULL: .full
    case SQLITE_READONLY, SQLITE_PERM: .readOnly
    case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
    case SQLITE_CANTOPEN, SQLITE_IOERR: .inputOutput
    case SQLITE_INTERRUPT: .interrupted
    case SQLITE_CONSTRAINT: .constraint
    case SQLITE_RANGE: .tooFewArguments
    default: .other
    }
  }
}
