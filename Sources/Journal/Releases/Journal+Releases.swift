import Foundations
package import PrimitiveKit
import Synchronization

extension Journal {
  /// Says that a release must not be offered again; said again, the newest word counts.
  package func markBad(digest: String, image: String, run: String, reason: String) async throws(CallFailure) {
    let name = identity.operatorName
    try await change { (change) throws(CallFailure) in
      try await change.query(
        """
        INSERT INTO bad_releases(digest, image, run, reason, marked_by, marked_at) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (digest) DO UPDATE SET image = excluded.image, run = excluded.run, reason = excluded.reason,
          marked_by = excluded.marked_by, marked_at = excluded.marked_at
        """,
        [.text(digest), .text(image), .text(run), .text(reason), .text(name), .int(change.at)]
      )
      try await change.audit(
        "release.bad",
        run: run,
        ["digest": .string(digest), "image": .string(image), "reason": .string(reason)]
      )
    }
    releaseEdition.grow()
  }

  /// Releases that must not be offered, the newest mark first.
  package func badReleases() async throws(CallFailure) -> [BadRelease] {
    try await look { (session) throws(CallFailure) in
      let rows = try await session.query(
        "SELECT digest, image, run, reason, marked_by, marked_at FROM bad_releases ORDER BY marked_at DESC, digest",
        []
      )
      var found: [BadRelease] = []
      for row in rows {
        var reader = RowReader(row, of: "bad_releases")
        found.append(
          BadRelease(
            digest: try reader.text(),
            image: try reader.text(),
            run: try reader.text(),
            reason: try reader.text(),
            markedBy: try reader.text(),
            markedAt: try reader.int()
          )
        )
      }
      return found
    }
  }

  /// Lets a release be offered again.
  ///
  /// Throws `release.not_bad` for one that is not marked, `call.argument` for a blank reason, and `journal.*`.
  package func clearBad(digest: String, reason: String) async throws(CallFailure) {
    try GivenReason.require(reason, of: "releases.clear", advice: "say why it may be deployed again")
    try await change { (change) throws(CallFailure) in
      let rows = try await change.query("DELETE FROM bad_releases WHERE digest = $1 RETURNING run", [.text(digest)])
      guard let run = rows.first?.first?.text else {
        throw CallFailure(.invalid, code: "release.not_bad", message: "no release '\(digest)' is marked bad")
      }
      try await change.audit("release.cleared", run: run, ["digest": .string(digest), "reason": .string(reason)])
    }
    releaseEdition.grow()
  }
}

/// Counts how often this process changed the marks of releases.
package final class ReleaseEdition: Sendable {
  private let count = Atomic(0)

  package var value: Int { count.load(ordering: .relaxed) }

  func grow() { count.add(1, ordering: .relaxed) }
}

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
