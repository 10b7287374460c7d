import Journal
import LuaRuntime
import PrimitiveKit
import RunbookHeader
import Runs

/// Asks for what has to be typed before a plan is carried out.
struct PlanConfirmation: Sendable {
  let runs: RunSetting
  let lua: LuaEngine

  /// Asks for what the runbook wants typed; a plan that changes nothing is not asked about.
  ///
  /// Answers what was asked and answered, for the run that is written down next.
  func confirm(_ plan: Plan, _ book: RunbookFile, run: String) async throws(CallFailure) -> AnsweredQuestion? {
    guard !plan.operations.isEmpty || book.header.confirmation != nil || plan.unseen != nil else { return nil }
    let (text, expected) = try await wanted(plan, book)
    let typed = try await runs.questions(nil).confirm(
      run: run,
      id: "proceed",
      text: text,
      expecting: expected
    )
    guard typed == expected else {
      throw CallFailure(
        .cancelled,
        code: "plan.declined",
        message: "not confirmed: expected \(expected), got "
          + "\(typed.isEmpty ? "nothing" : Value.string(typed).literal); nothing was changed",
        hint: "run it again and type exactly what it asks for"
      )
    }
    return try await confirmation(text, expected, typed)
  }

  /// A confirmation for the journal: its text, what had to be typed, and who typed it.
  func confirmation(_ text: String, _ expected: String, _ typed: String) async throws(CallFailure) -> AnsweredQuestion {
    let name = try await runs.registry.open().journal.identity.operatorName
    let by = runs.options.assumesYes ? "--yes" : name
    return AnsweredQuestion(Question(id: "proceed", text: text, evidence: "type \(expected)"), answer: typed, by: by)
  }

  private func wanted(_ plan: Plan, _ book: RunbookFile) async throws(CallFailure) -> (text: String, answer: String) {
    guard let confirmation = book.header.confirmation else {
      let stakes = plan.operations.compactMap(\.stake)
      if !stakes.isEmpty {
        let asked = Confirmation("Proceed?", stakes: stakes)
        return ("\(asked.question) Type \(asked.what)", asked.answer)
      }
      return ("Proceed? Type the number of hosts", "\(plan.hosts.count)")
    }
    let what: String =
      switch confirmation.kind {
      case .count: " Type the number of hosts"
      case .amount: " Type the amount"
      case .name: " Type the name"
      case .yes: ""
      }
    let arguments = try RunbookArguments(plan.arguments.tableFields)
    let text = confirmation.text.map(arguments.filled) ?? "Proceed?\(what)"
    switch confirmation.answer {
    case .plan:
      switch confirmation.kind {
      case .count: return (text, "\(plan.hosts.count)")
      case .yes: return (text, "yes")
      case .amount, .name: return (text, book.name)
      }
    case .template(let template):
      return (text, arguments.filled(template))
    case .function:
      let function = book.module["confirm"]?["value"]?.function ?? book.module["confirm"]?.function
      guard let function else { return (text, "\(plan.hosts.count)") }
      let fields: Value = .table([
        "hosts": .array(plan.hosts.map(Value.string)), "operations": .int(plan.operations.count),
        "check": plan.check, "arguments": plan.arguments,
      ])
      let answer = try await lua.call(function, [fields]).first ?? .null
      return (text, RunbookParameter.word(answer))
    }
  }
}
