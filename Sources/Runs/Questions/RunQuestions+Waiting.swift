import Journal
import PrimitiveKit

extension RunQuestions {
  private enum Event: Sendable {
    case typed(Result<String?, CallFailure>)
    case elsewhere(String)
    case over
  }

  /// Waits for a line here or an answer from another session; rings when neither comes.
  func ask(_ prompt: String, run: String, _ question: Question) async throws(CallFailure) -> String {
    let result: Result<String, CallFailure> = await withTaskGroup(of: Event.self) { group in
      group.addTask {
        .typed(
          await CallFailure.result { () async throws(CallFailure) in
            try await dialogue.ask(prompt)
          }
        )
      }
      if let journal { group.addTask { await watch(journal, run, question.id) } }
      group.addTask {
        await remind(run, question)
        return .over
      }
      defer { group.cancelAll() }
      for await event in group {
        switch event {
        case .typed(.success(let line?)): return .success(line)
        // Nobody is there any more: what asks stays open for whoever resumes the run.
        case .typed(.success(nil)):
          return .failure(
            CallFailure(.cancelled, .cancelled, code: "call.cancelled", message: "the input ended before an answer")
          )
        case .typed(.failure(let failure)): return .failure(failure)
        case .elsewhere(let answer):
          dialogue.say("answered from another session: \(answer)")
          return .success(answer)
        case .over: continue
        }
      }
      return .failure(.cancelled)
    }
    return try result.get()
  }

  private func watch(_ journal: Journal, _ run: String, _ id: String) async -> Event {
    while !Task.isCancelled {
      guard (try? await clock.sleep(for: Self.glance)) != nil else { break }
      if let answer = (try? await journal.question(run: run, id: id))?.answer { return .elsewhere(answer) }
    }
    return .over
  }

  private func remind(_ run: String, _ question: Question) async {
    var waited = 0
    while (try? await clock.sleep(for: Self.patience)) != nil {
      waited += Int(Self.patience / .seconds(1))
      dialogue.alert("still waiting for an answer (\(waited / 60) min): \(question.text)")
      await notify(QuestionNotice(run: run, text: question.text, choices: question.choices, waiting: waited))
    }
  }
}

extension String {
  /// Without white space at the ends.
  var trimmed: String {
    let start = drop { $0.isWhitespace }
    guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(start[...last])
  }
}
