import Journal
import LuaRuntime
import PrimitiveKit
import Rollout
import Runs

/// One execution of a runbook: its steps, what it has recorded, and what would undo them.
actor Job {
  /// What the execution is for.
  enum Mode: Sendable, Equatable {
    case live
    /// Changes are predicted: the plan.
    case dry
    /// Steps are answered from the journal up to the first unfinished one, to find their undo functions.
    case collecting
  }

  nonisolated let mode: Mode
  nonisolated let run: Run
  nonisolated let journal: Journal?
  nonisolated let questions: RunQuestions
  nonisolated let policy: FailurePolicy
  nonisolated let rollouts: any RolloutRunner
  nonisolated let invoke: LuaInvoker
  /// What calls of the runbook's functions may do, and in whose name.
  nonisolated let context: CallContext
  nonisolated let seed: UInt64
  /// What a plan takes for the time, in seconds since 1970; nil for the world's clock.
  nonisolated let moment: Int?
  /// The exit codes that calls of the runbook note.
  nonisolated let noted = NotedExit(passesOn: false)

  private var rows: [String: JobStep] = [:]
  private var begun: Set<String> = []
  private var draws: [String: UInt64] = [:]
  private(set) var undos: [Undo] = []
  /// Paths of the steps that have an undo function; without the holds that were given back.
  private(set) var undoable: Set<String> = []
  /// Steps in the order they began: the plan of a dry run.
  private(set) var steps: [PlannedStep] = []
  var failures = JobFailures()
  /// How often a walk through a run went on behind its end, and what ends a walk that does not heed it.
  private var overruns = 0
  private var endWalk: @Sendable () -> Void = {}
  /// What a dry run noted: the plan says it.
  private(set) var remarks: [String] = []

  init(_ setting: Setting) {
    mode = setting.mode
    run = setting.run
    journal = setting.journal
    questions = setting.questions
    policy = setting.policy
    rollouts = setting.rollouts
    invoke = setting.invoke
    context = setting.context
    seed = setting.seed
    moment = setting.moment
    rows = Dictionary(setting.past.map { ($0.path, JobStep($0)) }, uniquingKeysWith: { $1 })
  }

  /// What a job is made of.
  struct Setting: Sendable {
    var mode: Mode
    var run: Run
    var journal: Journal?
    var past: [StepRow] = []
    var questions: RunQuestions
    var policy: FailurePolicy
    var rollouts: any RolloutRunner
    var invoke: LuaInvoker
    var context: CallContext
    var seed: UInt64
    var moment: Int?
  }

  /// Takes a name for a step of this execution; throws `runbook.duplicate_step` when it is taken.
  func begin(_ path: String, _ title: String, detail: String = "") throws(CallFailure) {
    guard begun.insert(path).inserted else {
      throw CallFailure(
        .invalid,
        code: "runbook.duplicate_step",
        message: "two steps are named '\(path)'",
        hint: "give each step its own name; resume finds steps by name"
      )
    }
    steps.append(PlannedStep(path: path, title: title, detail: detail))
  }

  /// What is recorded of a step, by this process or an earlier one.
  func row(_ path: String) -> JobStep? { rows[path] }

  /// Remembers what a changed runbook is compared by, and whether something undoes the step.
  func hashed(_ path: String, _ options: StepOptions) {
    if options.undo != nil { undoable.insert(path) }
    if let index = steps.lastIndex(where: { $0.path == path }) { steps[index].argumentsHash = options.hash }
  }

  /// Records that an attempt at a step begins.
  func open(_ path: String, _ options: StepOptions, attempt: Int) async throws(CallFailure) {
    try await journal?.beginStep(run: run.id, path: path, argumentsHash: options.hash, attempt: attempt)
    rows[path] = JobStep(attempt: attempt, end: nil)
  }

  /// Records how a step ended.
  func close(_ path: String, _ end: StepEnd) async throws(CallFailure) {
    try await journal?.endStep(run: run.id, path: path, end: end)
    rows[path]?.end = end
  }

  /// Lets the failed items of a step be tried again, or leaves them out for good.
  func reopen(under path: String, excluding: Bool) async throws(CallFailure) {
    failures.forget(under: path)
    for (name, row) in rows.sorted(by: { $0.key < $1.key }) where name.hasPrefix(path + "/") {
      begun.remove(name)
      guard case .failed(let failure)? = row.end else { continue }
      if excluding {
        try await close(name, .skipped(reason: "excluded: \(failure.message)"))
      } else {
        try await journal?.reopenStep(run: run.id, path: name)
        rows[name] = JobStep(attempt: row.attempt + 1, end: nil)
      }
    }
  }

  func remark(_ text: String) { if !remarks.contains(text) { remarks.append(text) } }

  func register(_ undo: Undo) { undos.append(undo) }

  /// Forgets what would undo a step: it is given back already.
  func unregister(_ path: String) {
    undos.removeAll { $0.path == path }
    undoable.remove(path)
  }

  /// Remembers that a step failed for good.
  func note(_ failure: CallFailure, at path: String, _ options: StepOptions) {
    failures.add(path, failure, policy: options.onFailure ?? policy)
  }

  func note(hold paths: [String], given failure: CallFailure) { failures.add(hold: paths, given: failure) }

  func noteLoop(_ path: String) { failures.add(loop: path) }

  func forgetFailures(under path: String) { failures.forget(under: path) }

  func refuse(_ failure: CallFailure) { failures.refuse(failure) }

  /// Whether anything is recorded within a step.
  func hasRows(under path: String) -> Bool { rows.keys.contains { $0.hasPrefix(path + "/") } }

  /// Says how to end a walk that catches that it is over.
  func onOverrun(_ body: @escaping @Sendable () -> Void) { endWalk = body }

  func overrun() {
    overruns += 1
    if overruns > 100 { endWalk() }
  }

  /// A number in 0 ..< 1, the same again when the run is resumed.
  func draw(at path: String) -> Double {
    let count = draws[path, default: 0]
    draws[path] = count + 1
    let name = SHA256(hashing: "\(seed)/\(path)/\(count)".utf8).hex.prefix(16)
    let bits = UInt64(name, radix: 16) ?? 0
    return Double(bits >> 11) / Double(UInt64(1) << 53)
  }

  /// How often a step has asked for the time, for the name of the answer.
  func count(_ what: String, at path: String) -> UInt64 {
    let key = "\(what) \(path)"
    draws[key, default: 0] += 1
    return draws[key, default: 0]
  }
}

/// Where a step of a job stands.
struct JobStep: Sendable {
  var attempt: Int
  /// Nil while it is open.
  var end: StepEnd?

  /// Whether it succeeded.
  var isOK: Bool { if case .ok? = end { true } else { false } }

  init(attempt: Int, end: StepEnd?) {
    self.attempt = attempt
    self.end = end
  }

  /// As an earlier process left it.
  init(_ row: StepRow) {
    attempt = row.attempt
    switch row.state {
    case .open: end = nil
    case .ok: end = .ok(row.result ?? .null)
    case .skipped: end = .skipped(reason: row.reason ?? "")
    case .failed: end = row.failure.map { .failed($0) }
    }
  }
}

/// What undoes a step that was begun.
struct Undo: Sendable {
  let path: String
  /// The number of the Lua function.
  let number: Int
  /// What the step answered; nil for one that did not end well, which may be done in part.
  let result: Value?
}
