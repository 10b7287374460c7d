package import PrimitiveKit

/// How a case went.
package struct SpecOutcome: Sendable {
  package let name: String
  package let place: SourcePlace
  /// What is not as the case says, one sentence each; empty when all is.
  package let problems: [String]
  /// What the case said and printed, for whoever looks for the reason.
  package let said: String
  package let seconds: Double

  package var isPassed: Bool { problems.isEmpty }
}

/// How the cases of one spec went.
package struct SpecResult: Sendable {
  package let file: String
  package internal(set) var outcomes: [SpecOutcome] = []
  /// What is wrong with the spec itself, or with what it is about; nil when its cases could be run.
  package internal(set) var problem: CallFailure?
  package internal(set) var seconds = 0.0

  package var failed: Int { outcomes.count { !$0.isPassed } }
  package var isPassed: Bool { problem == nil && failed == 0 }
}

/// How all specs went, as people and programs read it.
package struct SpecReport: Sendable {
  private let results: [SpecResult]
  /// The last lines of what a failed case said.
  private static let shownLines = 12

  package init(_ results: [SpecResult]) { self.results = results }

  private var passed: Int { results.map { $0.outcomes.count(where: \.isPassed) }.reduce(0, +) }
  private var all: Int { results.map(\.outcomes.count).reduce(0, +) }

  /// 0, 1 where a case failed, 65 where a spec cannot be run.
  package var exitCode: ExitCode {
    if results.contains(where: { $0.problem != nil }) { return .dataInvalid }
    return results.allSatisfy(\.isPassed) ? .ok : .failuresWithinBudget
  }

  /// A line a spec, what is wrong below it, and the sum.
  package var text: String {
    let broken = results.count { $0.problem != nil }
    let rest = broken == 0 ? "" : broken == 1 ? "; 1 spec cannot be run" : "; \(broken) specs cannot be run"
    return (results.flatMap(lines) + ["\(passed) of \(all) \(all == 1 ? "case" : "cases") passed\(rest)"])
      .joined(separator: "\n")
  }

  private func lines(_ result: SpecResult) -> [String] {
    var lines: [String] = []
    let count = result.outcomes.count
    if result.problem == nil, count == 0 { return [] }
    if let problem = result.problem {
      lines.append("\(result.file): cannot be run")
      lines.append("  \(problem.message)")
      if let hint = problem.hint { lines.append("    hint: \(hint)") }
    } else {
      let words = count == 1 ? "1 case" : "\(count) cases"
      lines.append("\(result.file): " + (result.isPassed ? "\(words) passed" : "\(result.failed) of \(words) failed"))
    }
    for outcome in result.outcomes where !outcome.isPassed {
      lines.append("  \(outcome.place): \(outcome.name)")
      lines += outcome.problems.map { "    \($0)" }
      let said = outcome.said.split(separator: "\n").suffix(SpecReport.shownLines)
      lines += said.map { "    | \($0)" }
    }
    return lines
  }

  /// A record a case; a spec that cannot be run is one, too.
  package var value: [Value] {
    results.flatMap { result -> [Value] in
      var records = result.outcomes.map { outcome in
        Value.table([
          "file": .string(result.file), "case": .string(outcome.name), "line": .int(outcome.place.line),
          "passed": .bool(outcome.isPassed), "problems": outcome.problems.value, "seconds": .number(outcome.seconds),
        ])
      }
      if let problem = result.problem {
        records.append(
          .table([
            "file": .string(result.file), "case": .null, "line": .null, "passed": .bool(false),
            "problems": [problem.message].value, "seconds": .number(result.seconds),
          ])
        )
      }
      return records
    }
  }
}
