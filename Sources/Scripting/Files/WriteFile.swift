package import PrimitiveKit

import struct Foundation.Data

/// Puts one file of this machine in place, whole or not at all; what it replaces keeps its mode and owner.
package struct WriteFile: Operation {
  package typealias Outcome = FileOutcome
  package static let kind = "file.write"

  package let path: LocalPath
  /// Permission bits; nil keeps those of the file that is there, and gives a new one 0644.
  package let mode: Int?
  /// What it replaces: part of the plan, and what an undo puts back.
  package let before: FileState
  /// In base64, for a file need not be text.
  private let encoded: InternedText

  package init(_ path: LocalPath, content: [UInt8], mode: Int?, replacing before: FileState) {
    (self.path, self.mode, self.before) = (path, mode, before)
    encoded = InternedText(Data(content).base64EncodedString())
  }

  package var content: [UInt8] { Data(base64Encoded: encoded.text).map(Array.init) ?? [] }
  package var target: OperationTarget { .file(path) }
  package var effect: Effect { .changes }
  package var summary: String {
    let bits = mode.map { " (mode \(FileMode($0).text))" } ?? ""
    return "write \(content.count.counted("byte")) to \(path.absolute)\(bits)"
  }

  /// What will lie there.
  var image: FileImage {
    FileImage(content: content, mode: mode ?? before.image?.mode ?? 0o644, owner: before.image?.owner ?? "")
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
      return old.digest == image.digest ? "the same content, \(kept)" : "replaces \(old.bytes.counted("byte")), \(kept)"
    }
  }

  package func predict(in world: World) async throws(CallFailure) -> Prediction<FileOutcome> {
    .exact(FileOutcome(digest: image.digest, mode: FileMode(image.mode).text))
  }

  /// What it rests on was looked at before.
  package var restsOn: [PredictedWorld.Thing] { [] }

  package func leave(_ outcome: FileOutcome?, in world: PredictedWorld, why: String) {
    world.set(FileState.file(image), of: PredictedWorld.Thing(file: path))
  }

  package func perform(in world: World) async throws(CallFailure) -> FileOutcome {
    if case .done(let outcome) = try await probe(in: world) { return outcome }
    let found = try await FileState.now(at: path, in: world)
    guard found.isSame(as: before) else {
      throw CallFailure(
        .refused,
        code: "file.changed",
        message: "\(path) was changed since it was looked at; it is left as it is",
        hint: "look at it, then run this again"
      )
    }
    let token = String(SHA256(hashing: (world.ticket?.token ?? image.digest).utf8).hex.prefix(12))
    let file = FileReplacement(path: path, content: content, mode: image.mode, token: token)
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
    return .done(FileOutcome(digest: image.digest, mode: FileMode(facts.mode).text))
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

/// Removes a file that a write made; one that was changed since is left alone.
package struct RemoveFile: Operation {
  package typealias Outcome = FileOutcome
  package static let kind = "file.remove"

  package let path: LocalPath
  package let image: FileImage

  init(_ path: LocalPath, leaving image: FileImage) { (self.path, self.image) = (path, image) }

  package var target: OperationTarget { .file(path) }
  package var effect: Effect { .changes }
  package var summary: String { "remove \(path.absolute)" }

  package func predict(in world: World) async throws(CallFailure) -> Prediction<FileOutcome> {
    .exact(FileOutcome(digest: nil, mode: nil))
  }

  package var restsOn: [PredictedWorld.Thing] { [] }

  package func leave(_ outcome: FileOutcome?, in world: PredictedWorld, why: String) {
    world.set(FileState.nothing, of: PredictedWorld.Thing(file: path))
  }

  package func perform(in world: World) async throws(CallFailure) -> FileOutcome {
    let found = try await FileState.now(at: path, in: world)
    switch found {
    case .nothing: break
    case .file(let file) where file.isSame(as: image): try await world.service(Files.self).remove(path)
    case .file, .unknown:
      throw CallFailure(
        .refused,
        code: "file.changed",
        message: "\(path) was changed since it was written; it is left as it is",
        hint: "remove it by hand if nobody needs it"
      )
    }
    return FileOutcome(digest: nil, mode: nil)
  }

  package func probe(in world: World) async throws(CallFailure) -> Probe<FileOutcome> {
    try await world.service(Files.self).look(path, digest: false) == nil
      ? .done(FileOutcome(digest: nil, mode: nil)) : .notDone
  }

  /// What was written can be written again.
  package func inverse(of outcome: FileOutcome) -> (any Operation)? {
    image.content.map { WriteFile(path, content: $0, mode: image.mode, replacing: .nothing) }
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
