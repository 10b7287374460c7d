package import PrimitiveKit

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
