package import PrimitiveKit

import struct Foundation.Data

/// A file as it was found, or as a change leaves it: what a write replaces, and what undoes it.
package struct FileImage: Codable, Sendable, Equatable {
  /// The SHA-256 of the content, in hex; empty where a recording does not hold it.
  package let digest: String
  package let bytes: Int
  /// Permission bits.
  package let mode: Int
  package let owner: String
  /// Where it may be kept; nil for one that is large or that only its owner may read.
  let content: [UInt8]?

  /// Larger contents are not kept for an undo.
  static let largestKept = 64 << 10

  private enum CodingKeys: String, CodingKey { case digest, bytes, mode, owner, encoded }

  init(_ facts: FileFacts, digest: String, content: [UInt8]?) {
    (self.digest, bytes, mode, owner) = (digest, facts.bytes, facts.mode, facts.owner)
    self.content = content
  }

  init(content: [UInt8], mode: Int, owner: String) {
    digest = SHA256(hashing: content).hex
    (bytes, self.mode, self.owner, self.content) = (content.count, mode, owner, content)
  }

  /// One of which the content is not at hand.
  init(digest: String, bytes: Int, mode: Int, owner: String) {
    (self.digest, self.bytes, self.mode, self.owner, content) = (digest, bytes, mode, owner, nil)
  }

  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    digest = try fields.decode(String.self, forKey: .digest)
    bytes = try fields.decode(Int.self, forKey: .bytes)
    mode = try fields.decode(Int.self, forKey: .mode)
    owner = try fields.decode(String.self, forKey: .owner)
    content = try fields.decodeIfPresent(String.self, forKey: .encoded)
      .flatMap { Data(base64Encoded: $0) }.map(Array.init)
  }

  /// Of what no journal keeps the content is left out.
  package func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(digest, forKey: .digest)
    try fields.encode(bytes, forKey: .bytes)
    try fields.encode(mode, forKey: .mode)
    try fields.encode(owner, forKey: .owner)
    // In base64, for a file need not be text.
    try fields.encodeIfPresent(kept.content.map { Data($0).base64EncodedString() }, forKey: .encoded)
  }

  /// Whether its content is nobody's but its owner's, so that no journal may keep it.
  var isPrivate: Bool { mode & 0o077 == 0 }

  /// The same for a journal, which keeps no content that is large or that only its owner may read.
  var kept: FileImage {
    guard isPrivate || bytes > FileImage.largestKept else { return self }
    return FileImage(digest: digest, bytes: bytes, mode: mode, owner: owner)
  }

  /// Whether it is this file, by content and mode.
  func isSame(as other: FileImage) -> Bool { digest == other.digest && mode == other.mode }
}

/// What lies at a path.
package enum FileState: Codable, Sendable, Equatable {
  case nothing
  case file(FileImage)
  /// What only a dry run holds: what a change before it leaves there is not known.
  case unknown(String)

  var image: FileImage? { if case .file(let image) = self { image } else { nil } }

  /// What lies there now; throws for what is no file.
  package static func now(at path: LocalPath, in world: World) async throws(CallFailure) -> FileState {
    let files = world.service(Files.self)
    guard var facts = try await files.look(path, digest: true) else { return .nothing }
    guard facts.kind == .file else {
      throw CallFailure(
        .invalid,
        code: "file.kind",
        message: "\(path) cannot be replaced: it is \(facts.kind == .directory ? "a directory" : "not a regular file")",
        hint: "give the path of a file"
      )
    }
    let digest = facts.digest ?? ""
    guard facts.bytes <= FileImage.largestKept, !facts.isPrivate else {
      return .file(FileImage(facts, digest: digest, content: nil))
    }
    let content = try await files.read(path, limit: FileImage.largestKept)
    facts.digest = SHA256(hashing: content.bytes).hex
    return .file(FileImage(content.facts, digest: facts.digest ?? digest, content: content.bytes))
  }

  /// As `now`, after the changes that a plan has predicted.
  static func planned(at path: LocalPath, in world: World) async throws(CallFailure) -> FileState {
    if let predicted = world.predicted {
      let thing = PredictedWorld.Thing(file: path)
      if let state = predicted.fact(FileState.self, of: thing) { return state }
      if let why = predicted.loss(of: [thing, .machine]) { return .unknown(why) }
    }
    return try await now(at: path, in: world)
  }
}

extension PredictedWorld.Thing {
  /// A file of this machine.
  init(file path: LocalPath) { self.init(kind: .file, name: path.absolute) }

  /// This machine, of which a program may change anything.
  static let machine = PredictedWorld.Thing(kind: OperationTarget.Kind(rawValue: "program"), name: "this machine")
}
