/// The files of this machine, as scripts, runbooks and plugins reach them.
///
/// Every failure names the path as it was given, what was tried, and why it failed.
package protocol LocalFiles: Sendable {
  /// What lies at a path, links followed; nil when nothing does.
  ///
  /// With `digest` the SHA-256 of a file's content, too.
  func look(_ path: LocalPath, digest: Bool) async throws(CallFailure) -> FileFacts?
  /// The content of a file of at most `limit` bytes; one that is larger is refused.
  func read(_ path: LocalPath, limit: Int) async throws(CallFailure) -> FileContent
  /// Puts a file in place, whole or not at all, and on the disk.
  func replace(_ file: FileReplacement) async throws(CallFailure)
  /// Removes a file, on the disk.
  func remove(_ path: LocalPath) async throws(CallFailure)
}

/// What lies at a path.
package struct FileFacts: Sendable, Codable, Equatable {
  package enum Kind: String, Sendable, Codable {
    case file, directory, other
  }

  package let kind: Kind
  package let bytes: Int
  /// Permission bits.
  package let mode: Int
  /// The name of the owner, or the number of one without a name.
  package let owner: String
  package let group: String
  /// How many names the file has.
  package let links: Int
  /// Milliseconds since 1970.
  package let modified: Int64
  /// The SHA-256 in hex; nil where it was not asked for.
  package var digest: String?

  package init(
    kind: Kind,
    bytes: Int,
    mode: Int,
    owner: String,
    group: String,
    links: Int,
    modified: Int64,
    digest: String? = nil
  ) {
    self.kind = kind
    self.bytes = bytes
    self.mode = mode
    self.owner = owner
    self.group = group
    self.links = links
    self.modified = modified
    self.digest = digest
  }

  /// Whether its content is nobody's but its owner's, so that no recording may keep it.
  package var isPrivate: Bool { mode & 0o077 == 0 }
}

/// A file's content with what it was read from.
package struct FileContent: Sendable, Equatable {
  package let bytes: [UInt8]
  package let facts: FileFacts

  package init(bytes: [UInt8], facts: FileFacts) { (self.bytes, self.facts) = (bytes, facts) }
}

/// A file to be put in place: a temporary one beside it, synced, renamed.
package struct FileReplacement: Sendable {
  package let path: LocalPath
  package let content: [UInt8]
  /// Permission bits; nil keeps those of the file that is there, and gives a new one 0644.
  package let mode: Int?
  /// Names the temporary file, so that a second attempt leaves none of the first behind.
  package let token: String
  /// Whether nothing lay there: what somebody has put there since is not replaced.
  package let isNew: Bool

  package init(path: LocalPath, content: [UInt8], mode: Int?, token: String, isNew: Bool) {
    (self.path, self.content, self.mode, self.token, self.isNew) = (path, content, mode, token, isNew)
  }
}
