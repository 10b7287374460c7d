import CLuaBridge
import PrimitiveKit
import Synchronization

/// The part of a run that other threads may touch: its stop and the task it waits for.
final class RunHandle: Sendable {
  // An opaque atomic cell: opsh_stop_request and opsh_stop_requested are its only readers and writers.
  nonisolated(unsafe) let stop: OpaquePointer
  private let waker: LuaWaker
  private let limits: RunLimits?
  private let waiting = Mutex<Task<Result<Value, CallFailure>, Never>?>(nil)
  private let cancelled = Mutex<CallFailure?>(nil)
  /// The run whose code made the call that this run is for.
  private let caller = RunHandle.current
  /// Time on the processor of runs that ended and that its code had called.
  private let called = Mutex(Duration.zero)

  /// The run whose code makes the calls of a task.
  @TaskLocal static var current: RunHandle?

  init(_ waker: LuaWaker, _ limits: RunLimits?) throws(CallFailure) {
    guard let stop = opsh_stop_new() else { throw .outOfMemory }
    self.stop = stop
    self.waker = waker
    self.limits = limits
  }

  deinit { opsh_stop_free(stop) }

  /// Whether it runs code of a plugin.
  var isOfPlugin: Bool { plugin != nil }

  /// Whose code it runs; nil for the operator's.
  var plugin: String? { limits?.plugin }

  /// Stops the Lua code of the run, or the task it waits for; the first reason stays.
  func request(_ reason: opsh_stop_reason) {
    opsh_stop_request(stop, reason)
    waiting.withLock { $0?.cancel() }
    waker.wake()
  }

  /// Whether it is to stop.
  var isStopped: Bool { opsh_stop_requested(stop) != OPSH_NOT_STOPPED }

  /// Runs the body of an awaiting primitive; a stop cancels it.
  func perform(_ call: PendingCall) async -> Result<Value, CallFailure> {
    let task = Task { () async -> Result<Value, CallFailure> in
      do throws(CallFailure) {
        var context = CallContext.current
        context.act(for: call.authority)
        let answer = try await context.calling(call.primitive, call.arguments) { () throws(CallFailure) in
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

  /// Stops the run when it has used up its budget of time; `held` is how long others kept the thread meanwhile.
  func look(_ now: ContinuousClock.Instant, held: Duration) {
    guard !isStopped, let limits else { return }
    if let deadline = limits.deadline, now >= deadline + held {
      request(OPSH_PAST_DEADLINE)
    } else if let processor = limits.budget.processor, busy >= processor {
      request(OPSH_OUT_OF_PROCESSOR)
    }
  }

  /// The earliest moment at which the budget of time can be used up; nil when that is never.
  func nextLook(_ now: ContinuousClock.Instant, held: Duration) -> ContinuousClock.Instant? {
    guard !isStopped, let limits else { return nil }
    // Processor time passes no faster than the clock does.
    let processor = limits.budget.processor.map { now + max($0 - busy, .milliseconds(1)) }
    guard let deadline = limits.deadline.map({ $0 + held }) else { return processor }
    return processor.map { min($0, deadline) } ?? deadline
  }

  /// Its code's time on the processor, with that of functions of its own plugin that it called as primitives.
  private var busy: Duration { .nanoseconds(opsh_stop_busy(stop)) + called.withLock { $0 } }

  /// Charges what it used to the run that called it, if that is of the same plugin: no loop of calls is free.
  func charge() {
    guard let caller, let plugin, caller.plugin == plugin else { return }
    caller.called.withLock { $0 += busy }
  }

  /// The failure of a run that was stopped for this reason, with the budget that it used up.
  func explain(_ failure: CallFailure, stoppedBy reason: opsh_stop_reason) -> CallFailure {
    guard let limits, let message = limits.message(of: reason) else { return failure }
    var failure = failure
    failure.message = message
    return failure
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
  /// What its code acts with; nil for the operator's.
  let authority: LuaAuthority?
}
