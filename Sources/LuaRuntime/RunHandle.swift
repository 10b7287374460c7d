import CLuaBridge
import PrimitiveKit
import Synchronization

/// The part of a run that other threads may touch: its stop and the task it waits for.
final class RunHandle: Sendable {
  // An opaque atomic cell: opsh_stop_request and opsh_stop_requested are its only readers and writers.
  nonisolated(unsafe) let stop: OpaquePointer
  private let waker: LuaWaker
  private let waiting = Mutex<Task<Result<Value, CallFailure>, Never>?>(nil)
  private let cancelled = Mutex<CallFailure?>(nil)

  init(_ waker: LuaWaker) throws(CallFailure) {
    guard let stop = opsh_stop_new() else { throw .outOfMemory }
    self.stop = stop
    self.waker = waker
  }

  deinit { opsh_stop_free(stop) }

  /// Stops the Lua code of the run, or the task it waits for; the first reason stays.
  func request(_ reason: opsh_stop_reason) {
    opsh_stop_request(stop, reason)
    waiting.withLock { $0?.cancel() }
    waker.wake()
  }

  private var isStopped: Bool { opsh_stop_requested(stop) != OPSH_NOT_STOPPED }

  /// Runs the body of an awaiting primitive; a stop cancels it.
  func perform(_ call: PendingCall) async -> Result<Value, CallFailure> {
    let task = Task { () async -> Result<Value, CallFailure> in
      do throws(CallFailure) {
        let answer = try await CallContext.current.calling(call.primitive, call.arguments) { () throws(CallFailure) in
          try await call.body(call.arguments)
        }
        return .success(answer)
      } catch {
        return .failure(error)
      }
    }
    waiting.withLock { $0 = task }
    if isStopped { task.cancel() }
    let answer = await task.value
    waiting.withLock { $0 = nil }
    if isStopped, case .failure(let failure) = answer, failure.saysWhatWasCancelled {
      cancelled.withLock { $0 = failure }
    }
    return answer
  }

  /// The failure to report: what a cancelled primitive said, such as what still runs where, comes before our word.
  func explain(_ failure: CallFailure) -> CallFailure {
    guard failure.mark == .cancelled, var said = cancelled.withLock({ $0 }) else { return failure }
    if said.trace.isEmpty { said.trace = failure.trace }
    return said
  }
}

extension CallFailure {
  /// Whether it is the word of a primitive that was cancelled: of a call, or of a whole run.
  fileprivate var saysWhatWasCancelled: Bool {
    isStop || mark == .detached
  }
}

/// An awaiting call that Lua made and waits for.
struct PendingCall: Sendable {
  let primitive: String
  let body: @concurrent @Sendable ([Value]) async throws(CallFailure) -> Value
  let arguments: [Value]
}
