import Journal
package import PrimitiveKit
package import RunbookHeader
package import Runs

/// What can be done with runbooks, put together of parts that know only what they need.
package struct RunbookEngine: Sendable {
  /// What all runs work with.
  package let runs: RunSetting
  /// Where runbooks lie.
  package let catalog: RunbookCatalog
  private let starting: RunStart
  private let resuming: RunResume
  private let undoing: RunUndo

  package init(_ setting: RunbookSetting) {
    let runs = setting.runs
    let catalog = RunbookCatalog(
      runs: runs,
      lua: setting.engine,
      folders: setting.folders,
      offered: setting.offered,
      authority: setting.authority,
      admit: setting.admit,
      arguments: setting.arguments,
      opshVersion: setting.opshVersion,
      plugins: setting.plugins
    )
    let scopes = RunbookScopes(site: runs.site, lockKinds: runs.lockKinds)
    let jobs = JobMaker(runs: runs, lua: setting.engine, rollouts: setting.rollouts)
    let confirmation = PlanConfirmation(runs: runs, lua: setting.engine)
    let planner = RunbookPlanner(
      runs: runs,
      jobs: jobs,
      scopes: scopes,
      opshVersion: setting.opshVersion,
      approvals: setting.approvals,
      inexact: setting.inexact,
      planLines: setting.planLines
    )
    let undo = RunUndo(
      runs: runs,
      scopes: scopes,
      planner: UndoPlanner(runs: runs, catalog: catalog, jobs: jobs, inexact: setting.inexact),
      confirmation: confirmation,
      execution: UndoExecution(runs: runs, jobs: jobs)
    )
    let executor = RunExecutor(runs: runs, jobs: jobs, undo: undo)
    self.runs = runs
    self.catalog = catalog
    starting = RunStart(
      runs: runs,
      scopes: scopes,
      planner: planner,
      confirmation: confirmation,
      approvals: setting.approvals,
      executor: executor
    )
    resuming = RunResume(
      runs: runs,
      catalog: catalog,
      scopes: scopes,
      planner: planner,
      changed: ResumeWithNew(planner: planner, confirmation: confirmation, approvals: setting.approvals),
      calls: CallResume(runs: runs, scopes: scopes, call: setting.call),
      executor: executor,
      undo: undo
    )
    undoing = undo
  }

  /// Plans a runbook, asks, and carries it out; a dry run ends with the plan.
  ///
  /// Throws what keeps it from beginning, `drill.dry` for a drill in a dry run, and what ended it; the exit code is
  /// noted either way.
  package func start(_ book: RunbookFile, _ arguments: RunbookArguments, _ start: RunbookStart)
    async throws(CallFailure) -> RunbookResult
  {
    try await starting.start(book, arguments, start)
  }

  /// Resumes a run; `source` is the present text of its runbook, nil takes the bytes it began with.
  ///
  /// Throws `run.finished`, `run.differs`, `lock.refused` and what the run itself throws.
  package func resume(_ id: String, withNew source: String? = nil, _ start: RunbookStart = RunbookStart())
    async throws(CallFailure) -> RunbookResult
  {
    try await resuming.resume(id, withNew: source, start)
  }

  /// Resumes a run, with the present text of its runbook where that is wanted.
  package func resume(_ id: String, isNew: Bool) async throws(CallFailure) -> Value {
    try await resuming.resume(id, isNew: isNew)
  }

  /// Undoes what a run did, the last first: planned, confirmed, recorded, and itself resumable.
  ///
  /// `isMarking` marks the releases that are left as bad, whoever judged them. Throws `run.not_found`, `run.taken`,
  /// `run.finished`, `run.nothing_to_undo`, `plan.declined` and `rollback.*`.
  package func rollback(_ id: String, isConfirmed: Bool = false, isMarking: Bool = false) async throws(CallFailure)
    -> RunbookResult
  {
    try await undoing.rollback(id, isConfirmed: isConfirmed, isMarking: isMarking)
  }

  /// Starts a new run in which an earlier run's steps before one are taken as done.
  package func fork(_ id: String, from step: String) async throws(CallFailure) -> RunbookResult {
    try await RunFork(runs: runs, catalog: catalog, start: starting).fork(id, from: step)
  }
}
