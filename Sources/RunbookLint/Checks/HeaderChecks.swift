import PrimitiveKit
import RunbookHeader

extension LintContext {
  /// Owner, summary and review of a runbook that could be loaded.
  func checkHeader() {
    guard let header, tree != nil else { return }
    let start = place(ofField: "version")
    if header.owner == nil {
      add(LintFinding(.noOwner, at: start, "the runbook has no owner", hint: "add `owner = \"…\"`"))
    }
    if header.summary == nil {
      add(LintFinding(.noSummary, at: start, "the runbook has no summary", hint: "add `summary = \"…\"`"))
    }
    guard let review = header.reviewAfter else {
      let hint = "add `updated = \"\(today)\"` and `review_after = 180`"
      return add(LintFinding(.noReview, at: start, "the runbook has no review date", hint: hint))
    }
    guard header.isStale(on: today) else { return }
    add(
      LintFinding(
        .staleReview,
        at: place(ofField: "review_after"),
        "the review was due on \(review)",
        hint: "review it, then set `updated` and `review_after`"
      )
    )
  }

  /// What the decoder found.
  func add(_ problems: [HeaderProblem]) {
    for problem in problems {
      let rule: LintRule =
        switch problem.kind {
        case .missing: .headerMissing
        case .unknown: .headerUnknown
        case .wrong: .headerWrong
        }
      let place = problem.place ?? SourcePlace(file: text.path, line: 1)
      add(LintFinding(rule, at: place, problem.message, hint: problem.hint))
    }
  }
}
