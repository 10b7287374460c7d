import Journal
import LuaRuntime
import PrimitiveKit
import RunbookHeader
import Runs

/// Asks for what has to be typed before a plan is performed.
struct PlanConfirmation: Sendable {
  let runs: RunSetting
  let lua: LuaEngine

  /// Asks for what the runbook wants typed; a plan that changes nothing is not asked about.
  ///
  /// Answers what was asked and answered, for the run that is recorded next.
  func confirm(_ plan: Plan, _ book: RunbookFile, run: String) async throws(CallFailure) -> AnsweredQuestion? {
    guard !plan.operations.isEmpty || book.header.confirmation != nil || plan.unseen != nil else { return nil }
    let asked = try await wanted(plan, book)
    let typed = try await runs.questions(nil).confirm(run: run, id: "proceed", asked)
    try asked.check(typed)
    return try await answered(asked, typed)
  }

  /// A confirmation for the journal: its text, what had to be typed, and who typed it.
  func answered(_ asked: Confirmation, _ typed: String) async throws(CallFailure) -> AnsweredQuestion {
    let name = try await runs.registry.open().journal.identity.operatorName
    let by = runs.options.assumesYes ? "--yes" : name
    let question = Question(id: "proceed", text: asked.text, evidence: "type \(asked.answer)")
    return AnsweredQuestion(question, answer: typed, by: by)
  }

  private func wanted(_ plan: Plan, _ book: RunbookFile) async throws(CallFailure) -> Confirmation {
    guard let confirmation = book.header.confirmation else {
      let stakes = plan.operations.compactMap(\.stake)
      return stakes.isEmpty
        ? Confirmation("Proceed?", hosts: plan.hosts.count) : Confirmation("Proceed?", stakes: stakes)
    }
    let arguments = try RunbookArguments(plan.arguments.tableFields)
    let answer = try await answer(confirmation, arguments, plan, book)
    let what =
      switch confirmation.kind {
      case .count: "the number of hosts (\(answer))"
      case .amount: "the amount (\(answer))"
      case .name: "the name (\(answer))"
      case .yes: answer
      }
    return Confirmation(confirmation.text.map(arguments.filled) ?? "Proceed?", what: what, answer: answer)
  }

  /// What has to be typed for the `confirm` of a header.
  private func answer(
    _ confirmation: RunbookConfirmation,
    _ arguments: RunbookArguments,
    _ plan: Plan,
    _ book: RunbookFile
  ) async throws(CallFailure) -> String {
    switch confirmation.answer {
    case .plan:
      switch confirmation.kind {
      case .count: return "\(plan.hosts.count)"
      case .yes: return "yes"
      case .amount, .name: return book.name
      }
    case .template(let template):
      return arguments.filled(template)
    case .function:
      let function = book.module["confirm"]?["value"]?.function ?? book.module["confirm"]?.function
      guard let function else { return "\(plan.hosts.count)" }
      let fields: Value = .table([
        "hosts": .array(plan.hosts.map(Value.string)), "operations": .int(plan.operations.count),
        "check": plan.check, "arguments": book.handed(plan.arguments),
      ])
      return RunbookParameter.word(try await lua.call(function, [fields]).first ?? .null)
    }
  }
}
