import PrimitiveKit
import Synchronization

/// Remembers what is said and printed, and answers questions from a list.
final class SpecDialogue: Dialogue {
  let columns = 100
  let isInteractive: Bool
  private let lines = Mutex<[String]>([])
  private let answers: Mutex<[String]>

  init(answers: [String]) {
    isInteractive = !answers.isEmpty
    self.answers = Mutex(answers)
  }

  /// Everything that was said, a line each.
  var text: String { lines.withLock { $0.joined(separator: "\n") } }

  func say(_ text: String) { lines.withLock { $0.append(text) } }
  func progress(_ status: ProgressStatus?) {}
  func event(_ event: SessionEvent) {}

  func ask(_ question: String) async throws(CallFailure) -> String? {
    say(question)
    return answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
  }

  func shown(_ result: Value) {}
  func note(_ note: ExitNote) {}
}
