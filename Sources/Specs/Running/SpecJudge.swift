import Journal
import PrimitiveKit
import Runs

/// Compares a run with what its case says.
struct SpecJudge {
  private let expected: SpecCase.Expectation
  private let run: SpecRun

  init(_ given: SpecCase, _ run: SpecRun) { (expected, self.run) = (given.expected, run) }

  /// What is not as the case says, one sentence each.
  var problems: [String] {
    var problems = [ending, calls, steps, state].compactMap(\.self) + missing
    if case .success(let result) = run.result { problems += self.result(result) + findings(result) }
    for (name, value) in expected.plan.sorted(by: { $0.key < $1.key }) {
      let found = run.plan?.value[name] ?? .null
      if !found.isSame(as: value) { problems.append(differs("plan.\(name)", value.literal, found.literal)) }
    }
    for note in expected.notes where run.plan?.notes?.contains(where: { $0.contains(note) }) != true {
      problems.append(
        "no note of the plan says \(Value.string(note).literal): \((run.plan?.notes ?? []).value.literal)"
      )
    }
    for text in expected.says where !run.said.contains(text) {
      problems.append("nothing it says contains \(Value.string(text).literal)")
    }
    return problems
  }

  /// Of a table only the fields count that the case names.
  private func result(_ found: Value) -> [String] {
    guard let value = expected.result else { return [] }
    guard case .table(let fields) = value, case .table = found else {
      return found.isSame(as: value) ? [] : [differs("result", value.literal, found.literal)]
    }
    return fields.sorted { $0.key < $1.key }.filter { !found[$0.key].isSame(as: $0.value) }.map {
      differs("result.\($0.key)", $0.value.literal, found[$0.key].literal)
    }
  }

  /// Of each finding only the fields count that the case names.
  private func findings(_ found: Value) -> [String] {
    guard let expected = expected.findings else { return [] }
    guard case .array(let found) = found, found.count == expected.count else {
      let levels = if case .array(let found) = found { found.map { $0["level"].literal } } else { [String]() }
      return [differs("findings", "\(expected.count)", levels.isEmpty ? "none" : list(levels))]
    }
    return zip(expected, found).enumerated().flatMap { offset, pair in
      pair.0.sorted { $0.key < $1.key }.filter { !pair.1[$0.key].isSame(as: $0.value) }.map {
        let name = expected.count == 1 ? "finding.\($0.key)" : "findings[\(offset + 1)].\($0.key)"
        let why = pair.1["note"] == .null || pair.1["note"] == .string("") ? "" : " (\(pair.1["note"].literal))"
        return differs(name, $0.value.literal, pair.1[$0.key].literal + why)
      }
    }
  }

  private var ending: String? {
    switch (run.result, expected.failure) {
    case (.success, nil): return nil
    case (.success, let failure?):
      return "it succeeded, and should have failed" + (failure.code.map { " with \($0)" } ?? "")
    case (.failure(let failure), nil):
      let place = failure.trace.first.map { " (\($0))" } ?? ""
      return "it failed with \(failure.code): \(failure.message)\(place)" + (failure.hint.map { "; \($0)" } ?? "")
    case (.failure(let failure), let wanted?):
      if let code = wanted.code, failure.code != code {
        return differs("the code of its failure", code, "\(failure.code): \(failure.message)")
      }
      guard let message = wanted.message, !failure.message.contains(message) else { return nil }
      return differs("its failure", message, failure.message)
    }
  }

  /// Also what its caller caught: a check makes UNKNOWN of it, which a case may expect.
  private var missing: [String] {
    // What the case failed with is told already.
    run.missing.filter { name in ending?.contains("no answer for \(name)") != true }
      .map { "the case has no answer for \($0); add it to `answers`" }
  }

  private var calls: String? {
    guard let calls = expected.calls else { return nil }
    let isSame =
      calls.count == run.calls.count
      && zip(calls, run.calls).allSatisfy { expected, found in
        expected.name == found.name && Value.table(expected.arguments).isSame(as: .table(found.arguments))
      }
    if isSame { return nil }
    return differs("calls", list(calls.map(\.description)), list(run.calls.map(\.description)))
  }

  private var steps: String? {
    let found = run.steps.map { "\($0.path): \($0.state.rawValue)" }
    guard let steps = expected.steps, found != steps else { return nil }
    return differs("steps", list(steps), list(found))
  }

  private var state: String? {
    guard let state = expected.state, run.header?.state.rawValue != state else { return nil }
    return differs("the state of the run", state, run.header?.state.rawValue ?? "no run")
  }

  private func list(_ items: [String]) -> String { items.isEmpty ? "none" : items.joined(separator: ", ") }

  private func differs(_ what: String, _ expected: String, _ found: String) -> String {
    "\(what): expected \(expected), got \(found)"
  }
}

extension Value {
  /// Whether it is equal as Lua compares: 2 is 2.0, and an empty table is an empty list.
  fileprivate func isSame(as other: Value) -> Bool {
    switch (self, other) {
    case (.int(let int), .number(let number)), (.number(let number), .int(let int)): Double(int) == number
    case (.array(let left), .array(let right)):
      left.count == right.count && zip(left, right).allSatisfy { $0.isSame(as: $1) }
    case (.array(let list), .table(let table)), (.table(let table), .array(let list)): list.isEmpty && table.isEmpty
    case (.table(let left), .table(let right)):
      left.count == right.count && left.allSatisfy { right[$0.key].map($0.value.isSame) ?? false }
    default: self == other
    }
  }
}
