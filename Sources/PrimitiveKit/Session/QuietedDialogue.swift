/// A dialogue that says nothing while a call is only rehearsed: whoever rehearses shows the plan.
package struct QuietedDialogue: Dialogue {
  private let base: any Dialogue

  package init(_ base: any Dialogue) { self.base = base }

  private var speaks: Bool { !CallContext.current.isRehearsal }

  package var isInteractive: Bool { base.isInteractive }
  package var columns: Int { base.columns }
  package func say(_ text: String) { if speaks { base.say(text) } }
  package func alert(_ text: String) { if speaks { base.alert(text) } }
  package func progress(_ status: ProgressStatus?) { base.progress(status) }
  package func event(_ event: SessionEvent) { if speaks { base.event(event) } }
  package func ask(_ question: String) async throws(CallFailure) -> String? { try await base.ask(question) }
  package func shown(_ result: Value) { if speaks { base.shown(result) } }
  package func note(_ code: ExitCode) { if speaks { base.note(code) } }
}
