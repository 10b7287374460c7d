package import Foundation
package import Journal
package import PrimitiveKit
import RunbookHeader
package import Runs

extension RunReport {
  /// The report of a runbook that got as far as `plan`; without one, `failure` says why.
  ///
  /// The steps of a dry run are those of its plan, the ones of a live run those of the journal.
  package init(
    file: String,
    plan: Plan?,
    floor: Double?,
    mode: Mode,
    run: String?,
    rows: [StepRow] = [],
    started: Date,
    seconds: Double,
    exitCode: ExitCode,
    failure: CallFailure?
  ) {
    self.init(
      file: file,
      name: plan?.runbook.name ?? RunbookFile.name(of: file),
      version: plan?.runbook.version,
      mode: mode,
      run: run,
      started: started,
      seconds: seconds,
      exitCode: exitCode,
      floor: floor,
      failure: failure
    )
    guard let plan else { return }
    checks = [ReportCase("header", .ok), RunReport.lock(plan)]
    steps = mode == .dryRun ? plan.steps.map { ReportCase($0) } : rows.map { ReportCase($0) }
    inexact = plan.inexact + plan.unpredicted
    if let unseen = plan.unseen { inexact.append(InexactPoint(place: file, what: "not seen: \(unseen)", assumed: nil)) }
    if !plan.operations.isEmpty || plan.unseen != nil { exactness = plan.exactness }
    operations = Dictionary(grouping: plan.operations, by: \.kind).mapValues(\.count)
  }

  /// A lock that somebody holds does not fail a plan: it is only so now.
  private static func lock(_ plan: Plan) -> ReportCase {
    let held = plan.conflicts.joined(separator: "; ")
    return plan.conflicts.isEmpty
      ? ReportCase("lock", .ok, detail: plan.locks.joined(separator: ", "))
      : ReportCase("lock", .skipped, detail: "held: \(held)")
  }
}

extension ReportCase {
  fileprivate init(_ step: PlannedStep) {
    self.init(step.path, .ok, detail: step.detail.isEmpty ? nil : step.detail)
  }

  fileprivate init(_ row: StepRow) {
    let state: State =
      switch row.state {
      case .ok: .ok
      case .failed: .failed
      case .skipped: .skipped
      case .open: .unknown
      }
    let seconds = row.endedAt.map { Double($0 - row.beganAt) / 1000 } ?? 0
    self.init(row.path, state, seconds: seconds, detail: row.reason, failure: row.failure)
  }
}
