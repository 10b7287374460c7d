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
        "Lists releases that were rolled back and are not offered again.",
        effect: .reads,
        returns: "One record a release",
        examples: [Example("releases.bad()", "what must not be deployed")],
        topics: ["image", "rollback"]
      ) { () async throws(CallFailure) in
        try await setting.registry.open().journal.badReleases().map(BadReleaseEntry.init)
      },

      Primitive(
        "releases.mark",
        "Marks a release bad, so that it is not offered again.",
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
        Parameter<String>("digest", "sha256:…"),
        Parameter<String>("reason", "Why it is good after all"),
        returns: "nothing",
        examples: [],
        topics: ["image", "rollback"]
      ) { digest, reason async throws(CallFailure) in
        try GivenReason.require(reason, of: "releases.clear", advice: "say why it is good after all")
        if try await setting.isDry("offer \(digest) again") { return Value.null }
        try await setting.registry.open().journal.clearBad(digest: digest, reason: reason)
        return Value.null
      },
    ]
  }
}
