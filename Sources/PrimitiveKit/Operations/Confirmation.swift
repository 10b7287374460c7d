/// What must be typed before a change begins, and what the site says of doing without.
package struct Confirmation: Sendable {
  /// Said before what has to be typed, such as `Proceed?`.
  package var question: String
  /// What has to be typed, in words: `the number of hosts (3)`, `yes`.
  package var what: String
  /// What has to be typed.
  package var answer: String
  /// Whether the call itself says yes.
  package var assumesYes = false
  /// Thrown however it is confirmed, in a confirmed run too.
  package var refusal: CallFailure?
  /// Thrown where `--yes` stands in for what is typed.
  package var yesRefusal: CallFailure?
  /// What a wrong answer leaves as it was.
  package var spared = "nothing was changed"
  /// Thrown without a terminal and without `--yes`; nil for the usual words.
  package var unattended: CallFailure?

  package init(_ question: String, what: String, answer: String) {
    self.question = question
    self.what = what
    self.answer = answer
  }

  /// Asks for the number of hosts.
  package init(_ question: String, hosts: Int) {
    self.init(question, what: "the number of hosts (\(hosts))", answer: "\(hosts)")
  }

  /// Asks for one word.
  package init(_ question: String, word: String) { self.init(question, what: word, answer: word) }

  /// Asks for what operations put at stake; for `yes` where they do not say.
  package init(_ question: String, stakes: [Stake]) {
    let all = Stake.sum(stakes)
    guard !all.isEmpty else {
      self.init(question, word: "yes")
      return
    }
    let what = all.map(\.asked).joined(separator: " and ")
    self.init(question, what: what, answer: all.map(\.number).joined(separator: " "))
  }

  /// The question with what has to be typed: `Proceed? Type the number of hosts (3)`.
  package var text: String { "\(question) Type \(what)" }

  /// Throws what speaks against the change, whoever confirms it.
  package func permit(assumesYes: Bool) throws(CallFailure) {
    if let refusal { throw refusal }
    if assumesYes || self.assumesYes, let yesRefusal { throw yesRefusal }
  }

  /// Throws `plan.declined` for anything but the exact answer.
  package func check(_ typed: String) throws(CallFailure) {
    guard typed != answer else { return }
    let got = typed.isEmpty ? "nothing" : Value.string(typed).literal
    throw CallFailure(
      .cancelled,
      code: "plan.declined",
      message: "not confirmed: expected \(answer), got \(got); \(spared)",
      hint: "run it again and type exactly what is asked for"
    )
  }

  /// What is thrown without a terminal and without `--yes`.
  package var missing: CallFailure {
    unattended
      ?? CallFailure(
        .refused,
        code: "prompt.not_interactive",
        message: "this needs a typed confirmation (\(what)), but there is no terminal: \(question)",
        hint: "run it at a prompt, or pass --yes"
      )
  }
}

/// How a change came to be confirmed.
package enum ConfirmedBy: String, Sendable {
  case typed
  case yes = "--yes"
  /// The plan of the run that it is part of was confirmed.
  case runbook
  /// It is too small to be asked about.
  case unasked
}
