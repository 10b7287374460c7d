import Journal
import PrimitiveKit

/// A release that is not offered again.
struct BadReleaseEntry: Record, Sendable {
  let release: BadRelease

  static var luaType: String { "releases.Bad" }
  static var fields: [FieldInfo] {
    [
      FieldInfo("image", "string", "Its name"),
      FieldInfo("reason", "string", "Why it is bad"),
      FieldInfo("run", "string", "That found it bad"),
      FieldInfo("digest", "string", "Names it"),
    ]
  }

  var value: Value {
    .table([
      "image": release.image.value, "reason": release.reason.value, "run": release.run.value,
      "digest": release.digest.value,
    ])
  }
}
