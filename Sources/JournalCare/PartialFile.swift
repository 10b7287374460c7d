import Glibc
import JournalSQLite
import PrimitiveKit

/// A file that is being made beside the one whose place it takes when it is complete.
struct PartialFile {
  let path: String
  private let target: String

  init(of place: String) {
    target = place
    path = "\(place).partial-\(getpid())"
    remove()
  }

  /// Takes the place, in one step and durably; throws `journal.*`.
  func place() throws(CallFailure) { try SQLiteFile(path: path).take(target) }

  /// Removes it with the library's helper files.
  func remove() {
    for end in ["", "-wal", "-shm", "-journal"] { unlink(path + end) }
  }
}
