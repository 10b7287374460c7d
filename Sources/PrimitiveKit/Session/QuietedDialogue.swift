/// A dialogue that stays silent for calls that are to be quiet.
package struct QuietedDialogue: Dialogue {
  private let base: any Dialogue

  package init(_ base: any Dialogue) { self.base = base }

  private var speaks: Bool { !CallContext.current.isQuiet }

  package var isInteractive: Bool { base.isInteractive }
  package var columns: Int { base.columns }
  package func say(_ text: String) { if speaks { base.say(text) } }
  package func screen(_ lines: [String]) { if speaks { base.screen(lines) } }
  package var rows: Int { base.rows }
  package func alert(_ text: String) { if speaks { base.alert(text) } }
  package func progress(_ status: ProgressStatus?) { if speaks { base.progress(status) } }
  package func event(_ event: SessionEvent) { if speaks { base.event(event) } }
  package func ask(_ question: String) async throws(CallFailure) -> String? { try await base.ask(question) }
  package func shown(_ result: Value) { if speaks { base.shown(result) } }
  package func note(_ note: ExitNote) {
    let noted = CallContext.current.noted
    noted?.note(note)
    if speaks, noted?.passesOn ?? true { base.note(note) }
  }
}
