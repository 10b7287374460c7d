import Glibc
import Journal
import JournalPostgres
import JournalSQLite
import PrimitiveKit

/// A process of its own that takes locks when a test says so: one command a line, one answer a line.
///
/// `take SCOPE CLAIM MILLISECONDS` answers `won EPOCH` or `lost HOLDER`; `renew CLAIM EPOCH`, `release CLAIM` and `now` answer a word.
@main
struct LockRacer {
  static func main() async throws {
    guard CommandLine.arguments.count == 2 else { exit(64) }
    var identity = ProcessIdentity.current(version: "1.0.0", digest: "")
    identity.operatorName = "racer"
    identity.host = "here"
    let store = LockStore(try await Journal.open(try await database(CommandLine.arguments[1]), identity: identity))
    let holder = LockHolder(identity)
    say("ready")
    while let line = readLine() {
      do throws(CallFailure) {
        say(try await answer(line.split(separator: " ").map(String.init), store, holder))
      } catch {
        say("failed \(error.code) \(error.message)")
      }
    }
  }

  private static func say(_ line: String) {
    print(line)
    fflush(nil)
  }

  private static func database(_ address: String) async throws -> any Database {
    if address.hasPrefix("postgres:") { return try PostgresDatabase(url: address) }
    return try await SQLiteDatabase.open(address)
  }

  private static func answer(
    _ words: [String],
    _ store: LockStore,
    _ holder: LockHolder
  ) async throws(CallFailure) -> String {
    switch words.first {
    case "take":
      guard words.count == 4, let scope = LockScope(words[1]), let time = Int(words[3]) else { return "what?" }
      let request = LockRequest(scopes: [scope], claim: words[2], holder: holder, duration: .milliseconds(time))
      switch try await store.acquire(request) {
      case .granted(let grant): return "won \(grant.epoch)"
      case .refused(let conflicts): return "lost \(conflicts.map(\.lease.holder.name).joined(separator: ","))"
      }
    case "renew":
      guard words.count == 3, let epoch = Int(words[2]) else { return "what?" }
      return try await store.renew(words[1], epoch: epoch, for: .seconds(60)) ? "renewed" : "gone"
    case "release": return try await store.release(words.last ?? "") ? "released" : "gone"
    default: return "what?"
    }
  }
}
