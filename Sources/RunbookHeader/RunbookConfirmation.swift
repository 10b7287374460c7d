/// What a person has to type before a runbook begins.
package struct RunbookConfirmation: Sendable, Equatable {
  /// What is typed.
  package enum Kind: String, Sendable, CaseIterable {
    /// How many, for example hosts.
    case count
    /// A sum of money.
    case amount
    /// A name.
    case name
    /// The word yes.
    case yes
  }

  /// Where the right answer comes from.
  package enum Answer: Sendable, Equatable {
    /// From the plan, for example the number of its hosts.
    case plan
    /// A text with parameters in braces.
    case template(String)
    /// The function `confirm.value` of the runbook, called with the plan.
    case function
  }

  package let kind: Kind
  package let answer: Answer
  /// The question, with parameters in braces; nil means the usual one.
  package let text: String?

  package init(kind: Kind, answer: Answer, text: String?) {
    self.kind = kind
    self.answer = answer
    self.text = text
  }
}
