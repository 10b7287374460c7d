package import PrimitiveKit
import Synchronization

/// A dialogue that remembers everything and answers questions from a list.
package final class RecordingDialogue: Dialogue {
  /// One thing that was shown, in order.
  package enum Shown: Sendable, Equatable {
    case said(String)
    case progress(ProgressStatus?)
    case event(SessionEvent)
    case asked(String)
    case result(Value)
    case note(ExitCode)
  }

  package let isInteractive: Bool
  package let columns: Int
  private let record = Mutex<[Shown]>([])
  /// What is typed at each question; nil is the end of input.
  private let answers: Mutex<[String?]>

  /// A person is there when there are answers to give, unless told otherwise.
  package init(answers: [String?] = [], isInteractive: Bool? = nil, columns: Int = 80) {
    self.isInteractive = isInteractive ?? !answers.isEmpty
    self.columns = columns
    self.answers = Mutex(answers)
  }

  /// Everything, in order.
  package var all: [Shown] { record.withLock { $0 } }
  /// What was said, as one text.
  package var text: String { said.joined(separator: "\n") }
  /// What was said, one element a call.
  package var said: [String] { all.compactMap { if case .said(let text) = $0 { text } else { nil } } }
  /// The questions that were asked.
  package var asked: [String] { all.compactMap { if case .asked(let text) = $0 { text } else { nil } } }
  /// The notes on how batch should end.
  package var notes: [ExitCode] { all.compactMap { if case .note(let code) = $0 { code } else { nil } } }
  /// The results that were shown by their primitive.
  package var results: [Value] { all.compactMap { if case .result(let value) = $0 { value } else { nil } } }
  /// The live lines, without their ends.
  package var lines: [ProgressStatus] { all.compactMap { if case .progress(let status?) = $0 { status } else { nil } } }

  /// The events of one name, or all.
  package func events(_ name: String? = nil) -> [SessionEvent] {
    all.compactMap { if case .event(let event) = $0 { event } else { nil } }.filter { name == nil || $0.name == name }
  }

  package func say(_ text: String) { add(.said(text)) }
  package func progress(_ status: ProgressStatus?) { add(.progress(status)) }
  package func event(_ event: SessionEvent) { add(.event(event)) }
  package func shown(_ result: Value) { add(.result(result)) }
  package func note(_ note: ExitNote) { add(.note(note.code)) }

  package func ask(_ question: String) async throws(CallFailure) -> String? {
    add(.asked(question))
    guard isInteractive else {
      throw CallFailure(.refused, code: "prompt.not_interactive", message: "nobody is there to answer")
    }
    return answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
  }

  private func add(_ item: Shown) { record.withLock { $0.append(item) } }
}
