import PrimitiveKit

extension Fleet {
  /// Refuses an image that was marked bad, throwing `fleet.bad_release`, or `journal.*` when nobody can say.
  func refuseBad(_ image: Image) async throws(CallFailure) {
    guard let reason = try await releases.bad("\(image.digest)") else { return }
    throw CallFailure(
      FleetError.badRelease(image: image.name, digest: "\(image.digest)", reason: reason)
    )
  }

  /// The names of the site's images that may be rolled out, for completion.
  ///
  /// Where the marks cannot be read, all of them: the deploy itself looks again.
  package func offeredImages() async -> [String] {
    var names: [String] = []
    for (name, image) in site?.fleet.images ?? [:] where (try? await releases.bad("\(image.digest)")) ?? nil == nil {
      names.append(name)
    }
    return names.sorted()
  }
}
