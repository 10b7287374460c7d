package import PrimitiveKit
import Synchronization

/// Hands each notice to all of these notifiers.
package final class RunNotices: RunNotifier {
  private struct State {
    var running: [Int: Task<Void, Never>] = [:]
    var next = 0
    var complained: Set<String> = []
  }

  private let notifiers: [any Notifier]
  private let dialogue: any Dialogue
  private let state = Mutex(State())

  package init(_ notifiers: [any Notifier], dialogue: any Dialogue) {
    self.notifiers = notifiers
    self.dialogue = dialogue
  }

  package func notify(_ notice: RunNotice) {
    for notifier in notifiers {
      state.withLock { state in
        let id = state.next
        state.next += 1
        state.running[id] = Task {
          do throws(CallFailure) {
            try await notifier.deliver(notice.value)
          } catch {
            self.complain(error, of: notifier)
          }
          self.state.withLock { $0.running[id] = nil }
        }
      }
    }
  }

  package func finish() async {
    while let task = state.withLock({ $0.running.values.first }) { await task.value }
  }

  /// Once: a pager that is broken is broken for every notice.
  private func complain(_ failure: CallFailure, of notifier: any Notifier) {
    guard state.withLock({ $0.complained.insert(notifier.name).inserted }) else { return }
    dialogue.say("notify: \(failure.message); the run continues")
  }
}
