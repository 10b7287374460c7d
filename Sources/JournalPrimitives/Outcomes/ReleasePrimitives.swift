import Journal
import PrimitiveKit
import Runs

/// Releases that are not offered again.
struct ReleasePrimitives: Sendable {
  let setting: RunSetting

  var all: [Primitive] {
    [
      Primitive(
        "releases.bad",
        "Lists releases marked bad, which will not be deployed again.",
        effect: .reads,
        returns: "One record per release",
        examples: [Example("releases.bad()", "what must not be deployed")],
        topics: ["image", "rollback"]
      ) { () async throws(CallFailure) in
        try await setting.registry.open().journal.badReleases().map(BadReleaseEntry.init)
      },

      Primitive(
        "releases.mark",
        "Marks a release bad, so that it is not deployed again.",
        effect: .changes,
        Parameter<String>("digest", "sha256:…"),
        Parameter<String>("image", default: "", "Its name"),
        Parameter<String>("reason", "Why"),
        returns: "nothing",
        examples: [],
        topics: ["image", "rollback", "bad"]
      ) { digest, image, reason async throws(CallFailure) in
        try GivenReason.require(reason, of: "releases.mark", advice: "say what is wrong with it")
        let run = CallContext.current.run
        let words = "mark \(image.isEmpty ? digest : image) bad: \(reason)"
        if let run, run.world.mode == .dry {
          await run.describe(words)
          return Value.null
        }
        if setting.isDry {
          setting.dialogue.say("would \(words)")
          return Value.null
        }
        let journal = try await setting.registry.open().journal
        try await journal.markBad(digest: digest, image: image, run: run?.id ?? "", reason: reason)
        return Value.null
      },

      Primitive(
        "releases.clear",
        "Clears the mark of a bad release, so that it can be deployed again.",
        effect: .administers,
        Parameter<String>("digest", "Its name or digest, as releases.bad() shows it"),
        Parameter<String>("reason", "Why it may be deployed again"),
        returns: "nothing",
        examples: [
          Example(
            "for _, bad in ipairs(releases.bad()) do releases.clear(bad.image, \"the login service was down\") end",
            "offers all of them again"
          )
        ],
        topics: ["image", "rollback"]
      ) { digest, reason async throws(CallFailure) in
        try GivenReason.require(reason, of: "releases.clear", advice: "say why it may be deployed again")
        if try await setting.isDry("allow \(digest) again") { return Value.null }
        let journal = try await setting.registry.open().journal
        try await journal.clearBad(digest: ReleasePrimitives.digest(of: digest, in: journal), reason: reason)
        return Value.null
      },
    ]
  }

  /// The digest of a marked release that is given by its name, its digest, or the beginning of that.
  ///
  /// Throws `release.not_bad` with the nearest name, and `release.ambiguous`.
  private static func digest(of name: String, in journal: Journal) async throws(CallFailure) -> String {
    let bad = try await journal.badReleases()
    let prefix = name.hasPrefix("sha256:") ? name : "sha256:\(name)"
    var found = bad.filter { $0.digest == name || $0.image == name }
    if found.isEmpty { found = bad.filter { name.count >= 7 && $0.digest.hasPrefix(prefix) } }
    if found.count == 1 { return found[0].digest }
    guard found.isEmpty else {
      throw CallFailure(
        .invalid,
        code: "release.ambiguous",
        message: "'\(name)' matches \(found.count) releases marked bad",
        hint: "give the digest: \(found.map { "\($0.digest.prefix(19))" }.joined(separator: " or "))"
      )
    }
    throw CallFailure(
      .invalid,
      code: "release.not_bad",
      message: "no release '\(name)' is marked bad",
      hint: NearestName.question(for: name, in: bad.map(\.image)) ?? "see the list with releases.bad()"
    )
  }
}
