package import Journal
package import PrimitiveKit
import Synchronization

/// Keeps what the stop lane does in a spool beside the journal, and moves it into the journal when that can be written.
package struct JournaledStops: StopLog {
  private let spool: StopSpool?
  private let fresh: FreshStops
  private let identity: ProcessIdentity
  private let registry: RegistryOpener
  private let now: @Sendable () -> Int64
  private let clock: any Clock<Duration>
  private let patience: Duration

  /// Waits for the journal for `patience`, after the work; `now` answers milliseconds since 1970.
  package init(
    spool: StopSpool?,
    fresh: FreshStops,
    identity: ProcessIdentity,
    registry: RegistryOpener,
    now: @escaping @Sendable () -> Int64,
    clock: any Clock<Duration>,
    patience: Duration = .seconds(2)
  ) {
    self.spool = spool
    self.fresh = fresh
    self.identity = identity
    self.registry = registry
    self.now = now
    self.clock = clock
    self.patience = patience
  }

  package func begin(_ request: RunRequest, id: String) async -> any StopEntry {
    Entry(log: self, call: SpooledCall(request, id: id, identity: identity, startedAt: now()))
  }

  package func wholeID(of run: String) async throws(CallFailure) -> String {
    if RunID.isWhole(run) { return run }
    let registry = registry
    let found = await limited { () async throws(CallFailure) in try await registry.open().journal.unfinishedRun(run) }
    switch found {
    case .success(let id)?: return id
    case .failure(let failure)? where !failure.isOfJournal: throw failure
    case .failure(let failure)?: throw RunID.partial(run, why: failure.message)
    case nil: throw RunID.partial(run, why: "the journal does not answer")
    }
  }

  /// Moves what waits into the journal; answers why it could not, nil when nothing waits any more.
  fileprivate func drain() async -> String? {
    guard let spool else { return "no place to keep it: HOME is not set" }
    let registry = registry
    let drained = await limited { () async throws(CallFailure) in
      let journal = try await registry.open().journal
      if let obstacle = await journal.obstacle() { throw obstacle }
      return try await journal.drain(spool)
    }
    switch drained {
    case .success?: return nil
    case .failure(let failure)?: return failure.message
    case nil: return "the journal does not answer"
    }
  }

  /// What `body` answers within the patience; it keeps running in the background when it takes longer.
  private func limited<Answer: Sendable>(
    _ body: @escaping @Sendable () async throws(CallFailure) -> Answer
  ) async -> Result<Answer, CallFailure>? {
    let clock = clock
    let patience = patience
    let race = Race<Result<Answer, CallFailure>>()
    Task { race.end(with: await CallFailure.result(body)) }
    let timer = Task {
      try? await clock.sleep(for: patience)
      race.end(with: nil)
    }
    defer { timer.cancel() }
    return await race.first()
  }

  private actor Entry: StopEntry, RunRecord {
    private let log: JournaledStops
    private var call: SpooledCall
    private let first: Task<CallFailure?, Never>
    private let lines: SpoolLines?
    nonisolated let coding = OperationCoding()

    nonisolated var record: any RunRecord { self }

    init(log: JournaledStops, call: SpooledCall) {
      self.log = log
      self.call = call
      // Beside the work: a slow disk here must not keep a bot running there.
      let first = Task.detached { log.save(call) }
      self.first = first
      lines = log.spool.map { SpoolLines($0, of: call.id, after: first) }
    }

    func intend(_ intent: OperationIntent) async throws(CallFailure) {
      add(.begun(intent, texts: coding.texts.takeUnsaved()))
    }

    func settle(_ key: String, _ end: OperationEnd) async throws(CallFailure) {
      add(.ended(key: key, end))
    }

    private func add(_ line: SpooledCall.Line) {
      call.add(line)
      lines?.add(line)
    }

    func keep(_ json: String, of key: String) async throws(CallFailure) {}

    func end(_ failure: CallFailure?, _ note: ExitNote, changes: Int) async -> [String] {
      _ = await first.value
      await lines?.close()
      call.endedAt = log.now()
      call.texts.merge(coding.texts.takeUnsaved()) { $1 }
      let ending = ending(failure, note, changes)
      call.state = ending.state
      call.reason = failure?.message ?? note.why
      call.exitCode = Int(note.code.rawValue)
      log.fresh.begin(call.id)
      defer { log.fresh.end(call.id) }
      if let problem = log.save(call) {
        return ["this stop is not recorded anywhere: \(problem.message)", ending.line]
      }
      guard let why = await log.drain(), let spool = log.spool else { return [ending.line] }
      return ["not in the journal yet (\(why)); kept in \(spool.path(of: call.id))", ending.line]
    }

    private func ending(_ failure: CallFailure?, _ note: ExitNote, _ changes: Int) -> RunEnding {
      var (failed, unknown) = (0, 0)
      for work in call.work {
        switch work.end {
        case .failed?: failed += 1
        case .unknown?, nil: unknown += 1
        case .done?, .notDone?: break
        }
      }
      return RunEnding(
        run: call.id,
        state: unknown > 0 ? .unknown : failure == nil ? RunState(noted: note) : .failed,
        reason: failure == nil ? note.why : nil,
        milliseconds: max(0, (call.endedAt ?? call.startedAt) - call.startedAt),
        changes: changes,
        failed: failed,
        unknown: unknown,
        code: note.code
      )
    }
  }

  private func save(_ call: SpooledCall) -> CallFailure? {
    guard let spool else { return CallFailure(.journal, code: "journal.spool", message: "HOME is not set") }
    do throws(CallFailure) {
      try spool.save(call)
      return nil
    } catch {
      return error
    }
  }
}

/// The stops that are on their way into the journal right now: they did not wait for it.
package final class FreshStops: Sendable {
  private let ids = Mutex<Set<String>>([])

  package init() {}

  fileprivate func begin(_ id: String) { _ = ids.withLock { $0.insert(id) } }
  fileprivate func end(_ id: String) { _ = ids.withLock { $0.remove(id) } }

  /// How many of these had waited.
  package func waited(_ calls: [SpooledCall]) -> Int { ids.withLock { ids in calls.count { !ids.contains($0.id) } } }
}

/// The first of several ends.
private final class Race<Answer: Sendable>: Sendable {
  private struct State {
    var isOver = false
    var answer: Answer?
    var waiter: CheckedContinuation<Answer?, Never>?
  }

  private let state = Mutex(State())

  func end(with answer: Answer?) {
    let waiter = state.withLock { state -> CheckedContinuation<Answer?, Never>? in
      guard !state.isOver else { return nil }
      state.isOver = true
      state.answer = answer
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume(returning: answer)
  }

  func first() async -> Answer? {
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        if !state.isOver { state.waiter = continuation }
        return state.isOver
      }
      if isOver { continuation.resume(returning: state.withLock { $0.answer }) }
    }
  }
}
