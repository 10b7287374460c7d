import Foundations
package import PrimitiveKit
import Reference
import Synchronization

/// Talks to a program: JSON Lines, one object for each event, `event` and `time` first.
package final class JSONDialogue: Dialogue {
  package let columns = 100
  package let isInteractive = false
  private let output: any Output
  private let isQuiet: Bool
  private let notes: NotedExit
  private let now: @Sendable () -> ContinuousClock.Instant
  private let time: @Sendable () -> Double
  private let pace = Mutex(ProgressPace(interval: .seconds(1)))

  /// Takes a monotonic clock for the pace of progress and the wall clock, in seconds since 1970, for the stamps.
  package init(
    output: any Output,
    isQuiet: Bool,
    notes: NotedExit,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
    time: @escaping @Sendable () -> Double = WallClock.seconds
  ) {
    self.output = output
    self.isQuiet = isQuiet
    self.notes = notes
    self.now = now
    self.time = time
  }

  package func say(_ text: String) {
    if !isQuiet { event(SessionEvent("say", ["text": .string(text)])) }
  }

  /// Programs get the event that comes with a screen.
  package func screen(_ lines: [String]) {}

  package func progress(_ status: ProgressStatus?) {
    guard !isQuiet, let shown = pace.withLock({ $0.next(status, at: now()) }) else { return }
    event(SessionEvent("progress", ["text": .string(shown.plain)]))
  }

  package func event(_ event: SessionEvent) {
    var fields: [(String, Value)] = [
      ("event", .string(event.name)), ("time", .string(Instant.stamp(Int64((time() * 1000).rounded(.down))))),
    ]
    for (name, value) in event.fields.sorted(by: { $0.key < $1.key }) {
      // Two members of one name would make an object that readers disagree on.
      fields.append((name == "event" || name == "time" ? name + "_" : name, value))
    }
    output.write(Value.json(fields) + "\n")
  }

  package func ask(_ question: String) async throws(CallFailure) -> String? { throw .notInteractive(question) }

  /// Programs get every result, shown or not.
  package func shown(_ result: Value) {}

  package func note(_ note: ExitNote) { notes.note(note) }
}
