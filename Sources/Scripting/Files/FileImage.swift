package import PrimitiveKit

import struct Foundation.Data

/// A file as it was found, or as a change leaves it: what a write replaces, and what undoes it.
package struct FileImage: Codable, Sendable, Equatable {
  /// The SHA-256 of the content, in hex.
  package let digest: String
  package let bytes: Int
  /// Permission bits.
  package let mode: Int
  package let owner: String
  /// The content in base64, where it may be kept; nil for one that is large or that only its owner may read.
  private let encoded: String?

  /// Larger contents are not kept for an undo.
  static let largestKept = 64 << 10

  init(_ facts: FileFacts, digest: String, content: [UInt8]?) {
    (self.digest, bytes, mode, owner) = (digest, facts.bytes, facts.mode, facts.owner)
    encoded = content.map { Data($0).base64EncodedString() }
  }

  init(content: [UInt8], mode: Int, owner: String) {
    digest = SHA256(hashing: content).hex
    (bytes, self.mode, self.owner) = (content.count, mode, owner)
    encoded = Data(content).base64EncodedString()
  }

  private init(_ image: FileImage, content: [UInt8]?) {
    (digest, bytes, mode, owner) = (image.digest, image.bytes, image.mode, image.owner)
    encoded = content.map { Data($0).base64EncodedString() }
  }

  var content: [UInt8]? { encoded.flatMap { Data(base64Encoded: $0) }.map(Array.init) }

  /// The same for a journal, which keeps no content that is large.
  var kept: FileImage { bytes > FileImage.largestKept ? FileImage(self, content: nil) : self }

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
