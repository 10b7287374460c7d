package import PrimitiveKit
import Synchronization

import class Foundation.Thread

/// Work that may block for as long as a disk or a network mount likes, on a thread of its own.
///
/// The threads of the shared pool are as many as the cores: none of them waits for a file.
package final class BlockingWork<Answer: Sendable>: Sendable {
  private typealias Waiting = CheckedContinuation<Result<Answer, CallFailure>, Never>

  private struct State {
    var waiting: Waiting?
    var isCancelled = false
  }

  private let state = Mutex(State())
  private let isLook: Bool

  private init(isLook: Bool) { self.isLook = isLook }

  /// Runs `body` to its end and answers what it answers.
  ///
  /// A look that is cancelled is not waited for; what changes something is, once it has begun. Throws what `body` throws,
  /// and `call.cancelled`.
  package static func run(
    isLook: Bool,
    _ body: @escaping @Sendable (BlockingWork) throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    let work = BlockingWork(isLook: isLook)
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        guard work.begin(continuation) else { return continuation.resume(returning: .failure(.cancelled)) }
        let thread = Thread {
          do throws(CallFailure) {
            work.end(.success(try body(work)))
          } catch {
            work.end(.failure(error))
          }
        }
        thread.name = "opsh.files"
        thread.stackSize = 256 << 10
        thread.start()
      }
    } onCancel: {
      work.cancel()
    }
    return try result.get()
  }

  /// Whether nobody waits for it any more.
  package var isCancelled: Bool { state.withLock { $0.isCancelled } }

  /// Whether it may begin.
  private func begin(_ continuation: Waiting) -> Bool {
    state.withLock { state in
      if !state.isCancelled { state.waiting = continuation }
      return !state.isCancelled
    }
  }

  private func end(_ result: Result<Answer, CallFailure>) { takeWaiting()?.resume(returning: result) }

  private func takeWaiting() -> Waiting? {
    state.withLock { state in
      defer { state.waiting = nil }
      return state.waiting
    }
  }

  private func cancel() {
    state.withLock { $0.isCancelled = true }
    if isLook { takeWaiting()?.resume(returning: .failure(.cancelled)) }
  }
}
