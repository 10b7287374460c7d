import Journal
import PrimitiveKit

/// A release that is not offered again.
struct BadReleaseEntry: Record, Sendable {
  let release: BadRelease

  static var luaType: String { "releases.Bad" }
  static let columns: [Column<Self>] = [
    Column(\.release.image, "image", "Its name"),
    Column(\.release.reason, "reason", "Why it is bad"),
    Column(\.release.run, "run", "The run that found it bad"),
    Column(\.release.digest, "digest", "Its digest"),
  ]

}
