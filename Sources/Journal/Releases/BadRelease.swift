/// A release that must not be offered again; the time is milliseconds since 1970.
package struct BadRelease: Sendable, Equatable {
  /// Names the release: two images with one digest are one release.
  package let digest: String
  package let image: String
  /// The run that found it bad.
  package let run: String
  package let reason: String
  package let markedBy: String
  package let markedAt: Int64
}
