package import PrimitiveKit

/// Shows a run to a program: everything is an event, one object a line.
package struct JSONSurface: Surface {
  package let dialogue: any Dialogue

  package init(_ dialogue: JSONDialogue) { self.dialogue = dialogue }

  package func printed(_ text: String) { dialogue.event(SessionEvent("print", ["text": .string(text)])) }

  package func planned(_ text: String) {
    dialogue.event(SessionEvent("print", ["text": .string(text), "phase": .string("plan")]))
  }

  package func answered(_ values: [Value]) {
    for value in values { dialogue.event(SessionEvent("result", ["value": value])) }
  }

  package func failed(_ failure: CallFailure) {
    dialogue.progress(nil)
    dialogue.event(FailureText.event(failure))
  }

  package func warned(_ text: String) { dialogue.event(SessionEvent("warning", ["text": .string(text)])) }
}
