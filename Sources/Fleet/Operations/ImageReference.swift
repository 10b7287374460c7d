/// An image as operations carry it.
package struct ImageReference: Codable, Sendable, Equatable {
  package let name: String
  /// `sha256:` and 64 hex digits.
  package let digest: String
  /// A path on the host or a URL; empty when the host must have it already.
  package let source: String

  /// The first twelve digits, as people compare them.
  package var shortDigest: String { String(digest.dropFirst("sha256:".count).prefix(12)) }
}

extension Image {
  /// The image as operations carry it.
  package var reference: ImageReference { ImageReference(name: name, digest: "\(digest)", source: source) }
}
