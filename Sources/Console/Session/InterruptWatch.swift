package import PrimitiveKit
import Synchronization

/// Turns Ctrl-C into what it means for the work that runs now; without work it means nothing here.
package final class InterruptWatch: Sendable {
  private struct Work {
    var ladder = InterruptLadder()
    let perform: @Sendable (InterruptLadder.Step) -> Void
  }

  private let work = Mutex<Work?>(nil)
  private let interruptions: Interruptions

  /// Tells long work of every press through `interruptions`.
  package init(_ interruptions: Interruptions) { self.interruptions = interruptions }

  /// Takes one press; called from the thread that watches the signal.
  package func press() {
    let meant = work.withLock { work -> (InterruptLadder.Step, @Sendable (InterruptLadder.Step) -> Void)? in
      guard let step = work?.ladder.press(at: .now), let perform = work?.perform else { return nil }
      return (step, perform)
    }
    guard let (step, perform) = meant else { return }
    if step != .leave { interruptions.press() }
    perform(step)
  }

  /// Runs work during which presses mean steps of the ladder.
  func during<Answer: Sendable>(
    _ perform: @escaping @Sendable (InterruptLadder.Step) -> Void,
    _ body: () async -> Answer
  ) async -> Answer {
    interruptions.reset()
    work.withLock { $0 = Work(perform: perform) }
    defer { work.withLock { $0 = nil } }
    return await body()
  }
}
