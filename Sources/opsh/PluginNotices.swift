import PluginHost
import PrimitiveKit
import Runs
import Synchronization

/// Hands each notice to the site's program and to the notifiers of plugins.
final class PluginNotices: RunNotifier {
  private struct State {
    var running: [Int: Task<Void, Never>] = [:]
    var next = 0
    var complained: Set<PluginNotifier> = []
  }

  private let program: any RunNotifier
  private let plugins: PluginHost
  private let dialogue: any Dialogue
  private let state = Mutex(State())

  init(_ program: any RunNotifier, _ plugins: PluginHost, _ dialogue: any Dialogue) {
    self.program = program
    self.plugins = plugins
    self.dialogue = dialogue
  }

  func notify(_ notice: RunNotice) {
    program.notify(notice)
    for notifier in plugins.notifiers {
      state.withLock { state in
        let id = state.next
        state.next += 1
        state.running[id] = Task {
          do throws(CallFailure) {
            try await self.plugins.deliver(notice.value, to: notifier)
          } catch {
            self.complain(error, of: notifier)
          }
          self.state.withLock { $0.running[id] = nil }
        }
      }
    }
  }

  func finish() async {
    await program.finish()
    while let task = state.withLock({ $0.running.values.first }) { await task.value }
  }

  /// Once: a pager that is broken is broken for every notice.
  private func complain(_ failure: CallFailure, of notifier: PluginNotifier) {
    guard state.withLock({ $0.complained.insert(notifier).inserted }) else { return }
    dialogue.say("notify: \(failure.message); the run continues")
  }
}
