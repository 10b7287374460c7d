import Glibc
package import Journal
import JournalPostgres
import JournalSQLite
package import PrimitiveKit

/// Where a journal is kept: a file, or a PostgreSQL server.
package enum JournalPlace: Sendable, Equatable {
  case file(String)
  /// An address `postgres://…`.
  case server(String)

  /// Reads what a site or an operator wrote; `expand` turns `~/` into a path.
  package init(_ text: String, expand: (String) -> String = { $0 }) {
    let isServer = text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
    self = isServer ? .server(text) : .file(expand(text))
  }

  /// Answers the password of a server that asks for one.
  package typealias Password = @Sendable () async throws(CallFailure) -> String

  /// Opens the database; a missing file is created.
  ///
  /// Throws `journal.*`, and what `password` throws.
  package func open(allowsNetwork: Bool = false, password: Password? = nil) async throws(CallFailure) -> any Database {
    switch self {
    case .file(let path): return try await SQLiteDatabase.open(path, allowsNetwork: allowsNetwork)
    case .server(let address):
      guard let password else { return try PostgresDatabase(url: address) }
      // What is wrong with it is said now: a server that asks later would only miss it.
      _ = try await password()
      return try PostgresDatabase(url: address) { try? await password() }
    }
  }

  /// What messages call it; without a password.
  package var name: String {
    switch self {
    case .file(let path): path
    case .server(let address): (try? PostgresDatabase(url: address).name) ?? "postgres://…"
    }
  }

  /// Throws `journal.no_directory` for a file in a directory that is not there: a mistyped path is not made true.
  func requireDirectory() throws(CallFailure) {
    guard case .file(let path) = self else { return }
    let parts = path.split(separator: "/").dropLast()
    let directory = (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    var status = stat()
    guard stat(directory.isEmpty ? "." : directory, &status) != 0, errno == ENOENT else { return }
    throw CallFailure(
      .invalid,
      code: "journal.no_directory",
      message: "no such directory: \(directory)",
      hint: "check the path, or create the directory first"
    )
  }

  /// Whether there is a file; a server is taken to be there.
  package var exists: Bool {
    guard case .file(let path) = self else { return true }
    return access(path, F_OK) == 0
  }
}
