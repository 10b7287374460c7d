import Console
import PrimitiveKit
import Reference

/// What the rest of opsh is given to work with.
struct SessionSetting: Sendable {
  /// The site file, found and existing; nil without one.
  let sitePath: String?
  let options: SessionOptions
  let dialogue: any Dialogue
  let interruptions: Interruptions
  /// HOME and the variables that opsh reads.
  let environment: [String: String]
}

/// The parts of opsh put together: the one place where primitives are plugged in.
struct Composition: Sendable {
  /// Every primitive but those of the session itself.
  var primitives: [Primitive] = []
  /// Names of the site for completion.
  var candidates: any CandidateSource = NoCandidates()
  /// The site's name for the prompt; nil without a site.
  var siteName: String?
  /// What the site holds, for the banner, for example `6 hosts, 18 bots`.
  var siteSummary: String?
  /// The directories that `require` looks in.
  var moduleRoots = ["lua"]

  /// Loads the site and plugs everything in. Throws what is wrong with the site.
  static func make(_ setting: SessionSetting) async throws(CallFailure) -> Composition {
    Composition()
  }
}
