import Glibc
import PrimitiveKit

/// Knows which files the loaded modules came from, so that an edited one is loaded again by the next run.
struct LoadedModules {
  private let roots: [String]
  /// What each file was when it was looked at; nil for one that was not there.
  private var stamps: [String: FileStamp?] = [:]
  /// Another number when files were changed since.
  private(set) var edition = 0

  init(roots: [String]) { self.roots = roots }

  /// Looks for changes of the files that modules came from.
  mutating func look() {
    guard stamps.contains(where: { FileStamp($0.key) != $0.value }) else { return }
    stamps = [:]
    edition += 1
  }

  /// The source of a module; throws as `ModuleFiles` does.
  mutating func find(_ name: String, isTracing: Bool) throws(CallFailure) -> Value {
    var looked: [String: FileStamp?] = [:]
    let found = try ModuleFiles(roots: roots).find(name, isTracing: isTracing) { looked[$0] = .some($1) }
    // The first look counts: what a module was loaded from may be older than the file is now.
    stamps.merge(looked) { first, _ in first }
    return found
  }
}

/// What tells one content of a file from another without reading it.
struct FileStamp: Equatable {
  private let inode: UInt64
  private let size: Int64
  private let modified: Int64
  private let changed: Int64

  /// Nil for a file that is not there.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    inode = UInt64(status.st_ino)
    size = Int64(status.st_size)
    modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    changed = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
  }
}
