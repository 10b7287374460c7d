import Journal
import PrimitiveKit

/// What was said before a rollback was confirmed; whoever takes it up keeps to it.
struct UndoTerms: Sendable, Codable {
  /// A release that the run newly put in place.
  struct Release: Sendable, Codable, Equatable {
    let name: String
    let digest: String
    /// Whether it is marked bad once the run is undone.
    let isMarked: Bool
    /// Who or what judged it; nil where nobody did.
    let verdict: String?

    var words: String { "\(name) (\(digest.prefix(19)))" }
  }

  /// Releases that are left.
  var releases: [Release] = []
  /// Names of gates that refused when the rollback began: they do not stop it.
  var refusing: Set<String> = []

  /// Where a rollback keeps them.
  static let key = "terms"

  /// Where a rollback keeps that somebody asked for the marks after it had begun.
  static let markKey = "terms marked"

  /// Marks all releases that are left, whoever judged them.
  mutating func markAll() {
    releases = releases.map { Release(name: $0.name, digest: $0.digest, isMarked: true, verdict: $0.verdict) }
  }

  /// What a rollback kept; nil for one that kept nothing.
  ///
  /// Throws `journal.coding`.
  static func kept(_ replay: RunReplay, _ coding: OperationCoding) throws(CallFailure) -> UndoTerms? {
    guard let text = replay.reads[key] else { return nil }
    var terms = try coding.decode(UndoTerms.self, from: text)
    if replay.reads[markKey] != nil { terms.markAll() }
    return terms
  }

  /// What the reasons of its marks begin with.
  static let rolledBack = "rolled back by "

  /// What a run newly put in place by going forward, and whether a gate, a budget or its bots judged it bad.
  ///
  /// `kept` are the run's answers, with the verdicts of its rollouts; `isMarking` marks all releases.
  static func releases(
    _ rows: [OperationRow],
    kept: [String: String],
    isMarking: Bool,
    _ coding: OperationCoding
  ) -> [Release] {
    var found: [ReleaseReference] = []
    var verdicts: [String: String] = [:]
    for (key, text) in kept where key.hasPrefix(Run.verdictKey) {
      verdicts[String(key.dropFirst(Run.verdictKey.count))] = try? coding.decode(String.self, from: text)
    }
    for row in rows where row.state != .failed && row.state != .notDone {
      // What ran before is not to blame.
      guard let operation = try? coding.operation(row.stored), let release = operation.release,
        !operation.isRestoring
      else { continue }
      if let outcome = row.outcome, let verdict = coding.verdict(row.stored, outcome: outcome) {
        verdicts[release.digest] = verdicts[release.digest] ?? verdict
      }
      // What was there already was not put there.
      if !row.leftAsFound(coding), !found.contains(release) { found.append(release) }
    }
    return found.map { release in
      let verdict = verdicts[release.digest]
      return Release(
        name: release.name,
        digest: release.digest,
        isMarked: isMarking || verdict != nil,
        verdict: verdict
      )
    }
  }
}
