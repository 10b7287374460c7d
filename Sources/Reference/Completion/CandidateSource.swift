package import PrimitiveKit

/// Names that completion offers for an argument: hosts, bots, images of the site.
package protocol CandidateSource: Sendable {
  /// The names of a kind that begin with what is typed; `choices` and `none` are not asked for.
  ///
  /// Answers from what is in memory: completion waits for it while a key is down.
  func candidates(for kind: Completion, startingWith typed: String) -> [String]
  /// What a runbook takes; nil if no runbook has that name.
  func runbook(named name: String) -> PrimitiveInfo?
}

extension CandidateSource {
  package func runbook(named name: String) -> PrimitiveInfo? { nil }
}

/// Offers nothing: without a site there are no names.
package struct NoCandidates: CandidateSource {
  package init() {}
  package func candidates(for kind: Completion, startingWith typed: String) -> [String] { [] }
}
