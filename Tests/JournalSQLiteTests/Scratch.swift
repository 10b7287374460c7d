import Foundation
import Journal
import JournalSQLite
import PrimitiveKit

/// A directory of one test, removed with it.
final class Scratch: Sendable {
  let directory: String

  init() {
    directory = NSTemporaryDirectory() + "opsh-sqlite-\(UUID().uuidString)"
    try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  var path: String { directory + "/journal.sqlite" }

  func mode(_ path: String) -> Int {
    (try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int) ?? 0
  }
}

/// The code of the failure that `body` throws; nil when it does not.
func code(_ body: () async throws(CallFailure) -> Void) async -> String? {
  do throws(CallFailure) {
    try await body()
    return nil
  } catch {
    return error.code
  }
}

extension SQLiteDatabase {
  /// One statement in a transaction of its own.
  @discardableResult
  func run(_ statement: String, _ arguments: [DatabaseValue] = []) async throws(CallFailure) -> [[DatabaseValue]] {
    try await transaction { (session) throws(CallFailure) in try await session.query(statement, arguments) }
  }

  func read(_ statement: String, _ arguments: [DatabaseValue] = []) async throws(CallFailure) -> [[DatabaseValue]] {
    try await reading { (session) throws(CallFailure) in try await session.query(statement, arguments) }
  }
}
