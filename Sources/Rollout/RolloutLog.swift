package import PrimitiveKit
import Synchronization

/// Where a rollout records what its state rests on, so that another process can take it up.
package struct RolloutLog: Sendable {
  /// What earlier processes wrote down, in order.
  package let past: [RolloutEvent]
  /// Writes an event down, durably; nothing follows from the event before that.
  package let keep: @Sendable (RolloutEvent) async throws(CallFailure) -> Void

  package init(
    past: [RolloutEvent] = [],
    keep: @escaping @Sendable (RolloutEvent) async throws(CallFailure) -> Void = { _ throws(CallFailure) in }
  ) {
    self.past = past
    self.keep = keep
  }
}

extension RolloutLog {
  /// The log of one rollout in the record of a run, under a name that is unique in its step; throws `journal.*`.
  ///
  /// Each event has a name of its own, in order, so a look for the next one that is not there finds the end.
  package init(of name: String, in run: Run) async throws(CallFailure) {
    var past: [RolloutEvent] = []
    while let event = try await RolloutLog.event(past.count + 1, of: name, in: run) { past.append(event) }
    let count = Counter(past.count)
    self.init(past: past) { event throws(CallFailure) in
      let number = count.next()
      _ = try await run.recorded(RolloutLog.key(number, of: name)) { event }
    }
  }

  private static func event(_ number: Int, of name: String, in run: Run) async throws(CallFailure) -> RolloutEvent? {
    let isMissing = CallFailure(.defect, code: "rollout.no_event", message: "no such event")
    do throws(CallFailure) {
      return try await run.recorded(key(number, of: name)) { () throws(CallFailure) -> RolloutEvent in throw isMissing }
    } catch {
      if error == isMissing { return nil }
      throw error
    }
  }

  private static func key(_ number: Int, of name: String) -> String { "\(name) event \(number)" }
}

/// Counts up from a number.
private final class Counter: Sendable {
  private let last: Mutex<Int>

  init(_ last: Int) { self.last = Mutex(last) }

  func next() -> Int {
    last.withLock { last in
      last += 1
      return last
    }
  }
}
