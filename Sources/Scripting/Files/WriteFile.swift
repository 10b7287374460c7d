package import PrimitiveKit

import struct Foundation.Data

/// Puts one file of this machine in place, whole or not at all; what it replaces keeps its mode and owner.
///
/// Of a file that only its owner may read, a journal holds size and digest: the content stays in the process that was given
/// it.
package struct WriteFile: Operation {
  package typealias Outcome = FileOutcome
  package static let kind = "file.write"

  package let path: LocalPath
  /// Permission bits; nil keeps those of the file that is there, and gives a new one 0644.
  package let mode: Int?
  /// What it replaces: part of the plan, and what an undo puts back.
  package let before: FileState
  /// What will lie there; without content when it is private and was read from a journal.
  let image: FileImage

  private enum CodingKeys: String, CodingKey { case path, mode, before, encoded, digest, bytes }

  package init(_ path: LocalPath, content: [UInt8], mode: Int?, replacing before: FileState) {
    (self.path, self.mode, self.before) = (path, mode, before)
    image = FileImage(content: content, mode: WriteFile.mode(mode, before), owner: before.image?.owner ?? "")
  }

  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    path = try fields.decode(LocalPath.self, forKey: .path)
    mode = try fields.decodeIfPresent(Int.self, forKey: .mode)
    before = try fields.decode(FileState.self, forKey: .before)
    let (bits, owner) = (WriteFile.mode(mode, before), before.image?.owner ?? "")
    if let encoded = try fields.decodeIfPresent(InternedText.self, forKey: .encoded) {
      // In base64, for a file need not be text.
      let content = Data(base64Encoded: encoded.text).map(Array.init) ?? []
      image = FileImage(content: content, mode: bits, owner: owner)
    } else {
      let digest = try fields.decode(String.self, forKey: .digest)
      image = FileImage(digest: digest, bytes: try fields.decode(Int.self, forKey: .bytes), mode: bits, owner: owner)
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(path, forKey: .path)
    try fields.encodeIfPresent(mode, forKey: .mode)
    try fields.encode(before, forKey: .before)
    if !image.isPrivate, let content = image.content {
      try fields.encode(InternedText(Data(content).base64EncodedString()), forKey: .encoded)
    } else {
      try fields.encode(image.digest, forKey: .digest)
      try fields.encode(image.bytes, forKey: .bytes)
    }
  }

  private static func mode(_ mode: Int?, _ before: FileState) -> Int { mode ?? before.image?.mode ?? 0o644 }

  package var target: OperationTarget { .file(path) }
  package var effect: Effect { .changes }
  package var summary: String {
    let bits = mode.map { " (mode \(FileMode($0).text))" } ?? ""
    return "write \(image.bytes.counted("byte")) to \(path.absolute)\(bits)"
  }

  package func comment(on predicted: FileOutcome) -> String? { change }

  /// What changes, in words.
  var change: String {
    switch before {
    case .nothing: return "a new file, mode \(FileMode(image.mode).text)"
    case .unknown: return "replaces whatever is there by then"
    case .file(let old):
      let bits = FileMode(old.mode).text
      let kept = old.mode == image.mode ? "mode \(bits) kept" : "mode \(bits) → \(FileMode(image.mode).text)"
      if old.digest == image.digest { return "the same content, \(kept)" }
      let what = old.digest.isEmpty ? ", which the recording does not hold" : ""
      return "replaces \(old.bytes.counted("byte"))\(what), \(kept)"
    }
  }

  private var placed: FileOutcome { FileOutcome(digest: image.digest, mode: FileMode(image.mode).text) }

  package func predict(in world: World) async throws(CallFailure) -> Prediction<FileOutcome> {
    .exact(placed)
  }

  /// What it rests on was looked at before.
  package var restsOn: [PredictedWorld.Thing] { [] }

  package func leave(_ outcome: FileOutcome?, in world: PredictedWorld, why: String) {
    world.set(FileState.file(image), of: PredictedWorld.Thing(file: path))
  }

  package func perform(in world: World) async throws(CallFailure) -> FileOutcome {
    let found = try await FileState.now(at: path, in: world)
    if case .file(let file) = found, file.isSame(as: image) { return placed }
    guard found.isSame(as: before) else {
      throw CallFailure(
        .refused,
        code: "file.changed",
        message: "\(path) was changed since it was looked at; it is left as it is",
        hint: "look at it, then run this again"
      )
    }
    guard let content = image.content else {
      throw CallFailure(
        .failed,
        code: "file.failed",
        message: "\(path) cannot be written again: the journal holds no content that only its owner may read",
        hint: "run the script again"
      )
    }
    let token = String(SHA256(hashing: (world.ticket?.token ?? image.digest).utf8).hex.prefix(12))
    let isNew = before == .nothing
    let file = FileReplacement(path: path, content: content, mode: image.mode, token: token, isNew: isNew)
    try await world.service(Files.self).replace(file)
    let seen: Probe<FileOutcome>
    do throws(CallFailure) {
      seen = try await probe(in: world)
    } catch {
      throw error.afterChange
    }
    guard case .done(let outcome) = seen else {
      throw CallFailure(
        .failed,
        code: "file.failed",
        message: "\(path) was written, and reading it back shows another file"
      )
    }
    return outcome
  }

  package func probe(in world: World) async throws(CallFailure) -> Probe<FileOutcome> {
    guard let facts = try await world.service(Files.self).look(path, digest: true), facts.digest == image.digest,
      facts.mode == image.mode
    else { return .notDone }
    return .done(placed)
  }

  package func inverse(of outcome: FileOutcome) -> (any Operation)? {
    switch before {
    case .nothing: RemoveFile(path, leaving: image.kept)
    case .file(let old): old.content.map { WriteFile(path, content: $0, mode: old.mode, replacing: .file(image.kept)) }
    case .unknown: nil
    }
  }

  package func leftAsFound(by outcome: FileOutcome) -> Bool { before.image?.isSame(as: image) == true }

  package func lapse(in world: World) async throws(CallFailure) -> String? {
    guard case .notDone = try await probe(in: world) else { return nil }
    return "\(path.absolute) was changed since"
  }
}

/// What lies at a path after a change.
package struct FileOutcome: ValueConvertible, Codable, Sendable, Equatable {
  /// The SHA-256 of the content, in hex; nil for no file.
  package let digest: String?
  /// Permission bits in octal.
  package let mode: String?

  package init(digest: String?, mode: String?) { (self.digest, self.mode) = (digest, mode) }

  package static var luaType: String { "file.Outcome" }

  package init(_ value: Value) throws(ConversionError) {
    self.init(digest: try String?(value["digest"]), mode: try String?(value["mode"]))
  }

  package var value: Value { .table(["digest": digest.value, "mode": mode.value]) }
}

extension FileState {
  /// Whether nothing has changed; what a plan did not know cannot have.
  func isSame(as before: FileState) -> Bool {
    switch (self, before) {
    case (_, .unknown), (.nothing, .nothing): true
    case (.file(let now), .file(let then)): now.isSame(as: then)
    default: false
    }
  }
}

extension OperationTarget {
  /// A file of this machine, by its whole path; it is no part of the fleet, so nothing is locked.
  static func file(_ path: LocalPath) -> OperationTarget {
    OperationTarget(kind: .file, name: path.absolute, scopes: [])
  }
}
