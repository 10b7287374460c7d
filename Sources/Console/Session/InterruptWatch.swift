package import PrimitiveKit
import Synchronization

/// Turns Ctrl-C into what it means for the work that runs now; without work it means nothing here.
package final class InterruptWatch: Sendable {
  private struct Work {
    var ladder = InterruptLadder()
    let perform: @Sendable (InterruptLadder.Step) -> Void
  }

  private struct State {
    var work: Work?
    /// Whether nobody reads the output any more.
    var isDeserted = false
  }

  private let state = Mutex(State())
  private let interruptions: Interruptions

  /// Tells long work of every press through `interruptions`.
  package init(_ interruptions: Interruptions) { self.interruptions = interruptions }

  /// Takes one press; called from the thread that watches the signal.
  package func press() {
    let meant = state.withLock { state -> (InterruptLadder.Step, @Sendable (InterruptLadder.Step) -> Void)? in
      guard let step = state.work?.ladder.press(at: .now), let perform = state.work?.perform else { return nil }
      return (step, perform)
    }
    guard let (step, perform) = meant else { return }
    if step != .leave { interruptions.press() }
    perform(step)
  }

  /// Nobody reads the output any more: what works now, or begins later, is stopped as by one press.
  package func desert() {
    let isAtWork = state.withLock { state in
      defer { state.isDeserted = true }
      return !state.isDeserted && state.work != nil
    }
    if isAtWork { press() }
  }

  /// Whether nobody reads the output any more, so that nothing new is to begin.
  var isDeserted: Bool { state.withLock(\.isDeserted) }

  /// Runs work during which presses mean steps of the ladder.
  func during<Answer: Sendable>(
    _ perform: @escaping @Sendable (InterruptLadder.Step) -> Void,
    _ body: () async -> Answer
  ) async -> Answer {
    interruptions.reset()
    let isDeserted = state.withLock { state in
      state.work = Work(perform: perform)
      return state.isDeserted
    }
    defer { state.withLock { $0.work = nil } }
    if isDeserted { press() }
    return await body()
  }
}
