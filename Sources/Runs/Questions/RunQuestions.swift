package import Journal
package import PrimitiveKit

/// Asks the operator in the name of a run: recorded, answerable from another session, and not forgotten.
package struct RunQuestions: Sendable {
  /// How long a question stands before the terminal rings and the notifier is called (fleet.md 5: wmflib's 180 s).
  package static let patience = Duration.seconds(180)
  /// How often the journal is asked whether another session answered.
  static let glance = Duration.seconds(1)

  package let dialogue: any Dialogue
  let journal: Journal?
  let clock: any Clock<Duration>
  /// Whether confirmations are taken as given.
  let assumesYes: Bool
  /// Calls the site's notifier.
  let notify: @Sendable (QuestionNotice) async -> Void

  package init(
    dialogue: any Dialogue,
    journal: Journal?,
    clock: any Clock<Duration>,
    assumesYes: Bool,
    notify: @escaping @Sendable (QuestionNotice) async -> Void = { _ in }
  ) {
    self.dialogue = dialogue
    self.journal = journal
    self.clock = clock
    self.assumesYes = assumesYes
    self.notify = notify
  }

  /// Whether a person can answer here.
  package var canAsk: Bool { dialogue.isInteractive }

  /// Asks for one of the choices and insists on it; answers what was answered the first time.
  package func choose(run: String, id: String, text: String, evidence: String, choices: [String])
    async throws(CallFailure)
    -> String
  {
    if let answer = try await known(run, id) { return answer }
    let question = Question(id: id, text: text, choices: choices, evidence: evidence)
    try await journal?.ask(run: run, step: "", question: question)
    dialogue.progress(nil)
    dialogue.say(evidence.isEmpty ? text : "\(text)\n\(evidence)")
    while true {
      let prompt = "\(choices.joined(separator: " / "))? "
      let typed = try await ask(prompt, run: run, question).trimmed
      let matches = choices.filter { !typed.isEmpty && $0.hasPrefix(typed) }
      guard let choice = choices.first(where: { $0 == typed }) ?? (matches.count == 1 ? matches.first : nil) else {
        dialogue.say("type one of: \(choices.joined(separator: ", "))")
        continue
      }
      return try await keep(choice, run, id)
    }
  }

  /// Asks for a word that must be typed exactly; answers what was typed.
  ///
  /// Throws `prompt.not_interactive` without a terminal, unless confirmations are taken as given.
  package func confirm(run: String, id: String, _ confirmation: Confirmation) async throws(CallFailure) -> String {
    let answer = confirmation.answer
    // A wrong answer of an earlier process is no reason not to ask again.
    if try await known(run, id) == answer { return answer }
    let question = Question(id: id, text: confirmation.text, choices: [], evidence: "type \(answer)")
    try await journal?.ask(run: run, step: "", question: question)
    if assumesYes { return try await keep(answer, run, id, by: "--yes") }
    guard canAsk else { throw confirmation.missing }
    let typed = try await ask("\(confirmation.text): ", run: run, question).trimmed
    return try await keep(typed, run, id)
  }

  /// What a question was answered; nil when it was not asked or is open.
  package func answer(run: String, id: String) async throws(CallFailure) -> String? { try await known(run, id) }

  private func known(_ run: String, _ id: String) async throws(CallFailure) -> String? {
    try await journal?.question(run: run, id: id)?.answer
  }

  /// Writes an answer down and answers the one that counts: the operator's other session may have been quicker.
  private func keep(_ text: String, _ run: String, _ id: String, by name: String? = nil) async throws(CallFailure)
    -> String
  {
    guard let journal else { return text }
    if let first = try await known(run, id) { return first }
    do throws(CallFailure) {
      try await journal.answer(run: run, id: id, text: text, by: name ?? journal.identity.operatorName)
      return text
    } catch {
      guard error.mark == .answered, let first = try await known(run, id) else { throw error }
      return first
    }
  }
}

/// What a notifier is told of a question that nobody answers.
package struct QuestionNotice: Sendable, Codable, Equatable {
  package let run: String
  package let text: String
  package let choices: [String]
  /// Seconds it has been standing.
  package let waiting: Int
}
