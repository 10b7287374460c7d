import Glibc
package import PrimitiveKit
import SQLite

/// The file of a database: made private before the library sees it.
package struct SQLiteFile: Sendable {
  let path: String
  /// Answers the magic number of the file system that a path is on (man 2 statfs).
  var fileSystem: @Sendable (String) -> Int = SQLiteFile.magic

  package init(path: String) { self.path = path }

  init(path: String, fileSystem: @escaping @Sendable (String) -> Int) {
    self.path = path
    self.fileSystem = fileSystem
  }

  /// Takes the place of another file, in one step and durably.
  ///
  /// Throws `journal.*`; then the other file is as it was.
  package func take(_ place: String) throws(CallFailure) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SQLiteFailure.ofSystem(errno, path: path) }
    let isSynced = fsync(descriptor) == 0
    let error = errno
    close(descriptor)
    guard isSynced else { throw SQLiteFailure.ofSystem(error, path: path) }
    guard rename(path, place) == 0 else { throw SQLiteFailure.ofSystem(errno, path: place) }
    SQLiteFile(path: place).syncDirectory()
  }

  /// Creates the directory that it lies in; throws `journal.*`.
  package func createDirectory() throws(CallFailure) { try makeDirectory(parent(of: path)) }

  /// Creates what is missing, readable by its owner only.
  ///
  /// The library gives its helper files the mode of this one. Throws `journal.*` when there is no file that can be written.
  func create() throws(CallFailure) {
    try makeDirectory(parent(of: path))
    let isNew = access(path, F_OK) != 0
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw SQLiteFailure.ofSystem(errno, path: path) }
    close(descriptor)
    if isNew { syncDirectory() }
  }

  /// Throws `journal.corrupt` for a file that does not begin like a database.
  ///
  /// The library takes a file of less than 512 bytes for an empty database and writes over it (sqlite.org/fileformat.html).
  func refuseForeign() throws(CallFailure) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let magic = Array("SQLite format 3\0".utf8)
    var start = [UInt8](repeating: 0, count: magic.count)
    let count = read(descriptor, &start, start.count)
    // An interrupted first write is repaired from the rollback journal.
    if count <= 0 || start == magic || access(path + "-journal", F_OK) == 0 { return }
    throw SQLiteFailure.corrupt(path, "file is not a database")
  }

  /// Throws `journal.network` for a file on another machine's disk, or on one that only a program can tell.
  ///
  /// The write-ahead log needs memory that all its users share, so those of two machines damage it (sqlite.org/wal.html).
  func refuseNetwork() throws(CallFailure) {
    var place = path
    while access(place, F_OK) != 0, parent(of: place) != place { place = parent(of: place) }
    guard let name = SQLiteFile.networks[fileSystem(place)] else { return }
    throw CallFailure(
      .journal,
      code: "journal.network",
      message: "the journal \(path) is on a network file system (\(name)), where two machines could damage it",
      hint:
        "put `journal` on a local disk, or use PostgreSQL for a team; `journal_network = true` in the site "
        + "allows it if only one machine uses the file"
    )
  }

  /// The magic number of the file system that a path is on; 0 when it is not told.
  static let magic: @Sendable (String) -> Int = { FileSystem.magic(of: $0) }

  // <linux/magic.h>, and what `stat -f` of coreutils calls remote. FUSE may be a local disk, and nobody can tell.
  private static let networks = [
    0x6969: "nfs", 0x517b: "smb", 0xff53_4d42: "cifs", 0xfe53_4d42: "smb2", 0x0102_1997: "9p", 0x6573_5546: "fuse",
    0x5346_414f: "afs", 0x00c3_6400: "ceph", 0x7375_7245: "coda", 0x0bd0_0bd0: "lustre",
  ]

  /// Whether everything that was written is in the file itself: the write-ahead log is missing or empty.
  var isComplete: Bool {
    var status = stat()
    return stat(path + "-wal", &status) != 0 || status.st_size == 0
  }

  /// What keeps it from growing, as far as the file system tells: permissions, a read-only mount, a disk with less room than
  /// `leastRoom` bytes.
  func obstacle(leastRoom: UInt64 = SQLiteFile.leastRoom) -> CallFailure? {
    let directory = parent(of: path)
    for place in [path, directory] where access(place, W_OK) != 0 {
      return SQLiteFailure.ofSystem(errno, path: path)
    }
    var disk = statvfs()
    guard statvfs(directory, &disk) == 0, disk.f_blocks > 0 else { return nil }
    let free = geteuid() == 0 ? disk.f_bfree : disk.f_bavail
    return UInt64(free) * UInt64(disk.f_frsize) < leastRoom ? SQLiteFailure.full(path) : nil
  }

  // A few changes, each some pages of 4096 bytes (sqlite.org/wal.html); a log that exists may have room for one or two more.
  private static let leastRoom: UInt64 = 65_536

  private func makeDirectory(_ directory: String) throws(CallFailure) {
    if access(directory, F_OK) == 0 { return }
    let above = parent(of: directory)
    if above != directory { try makeDirectory(above) }
    if mkdir(directory, 0o700) != 0, errno != EEXIST { throw SQLiteFailure.ofSystem(errno, path: path) }
  }

  private func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  // A new name is durable once its directory is (man 2 fsync).
  private func syncDirectory() {
    let descriptor = open(parent(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
