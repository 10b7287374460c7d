import PrimitiveKit

/// The errors that primitives of the journal raise besides those of every call, for the reference.
enum JournalErrors {
  /// Those of one primitive.
  static func of(_ info: PrimitiveInfo) -> [ErrorInfo] {
    let ofRuns = ["run", "resolve", "answer", "unresolved"].contains(info.name) ? runs : []
    return ofRuns + (own[info.name] ?? []) + [ErrorInfo("journal.failed", "the journal cannot be read or written")]
  }

  /// Of whatever takes the id of a run.
  private static let runs = [
    ErrorInfo("run.not_found", "no run has this id"), ErrorInfo("run.ambiguous", "several runs match a part of an id"),
  ]

  private static let own: [String: [ErrorInfo]] = [
    "resolve": [ErrorInfo("run.nothing_unknown", "the run has no change with an unknown outcome there")],
    "answer": [
      ErrorInfo("run.no_question", "the run asks nothing"), ErrorInfo("question.answered", "somebody was quicker"),
      ErrorInfo("question.choice", "the answer is none of the choices"),
    ],
    "releases.clear": [
      ErrorInfo("release.not_bad", "the release is not marked bad"),
      ErrorInfo("release.ambiguous", "several releases have this name"),
    ],
    "lock.take": locks, "lock.break": locks,
    "lock.release": locks + [ErrorInfo("lock.not_held", "the operator does not hold it")],
    "lock.reset_epoch": [ErrorInfo("plan.declined", "not confirmed")],
  ]

  private static let locks = [
    ErrorInfo("lock.scope", "the scope cannot be locked"), ErrorInfo("lock.refused", "somebody else holds it"),
  ]
}
