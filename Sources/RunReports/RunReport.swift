package import Foundation
package import PrimitiveKit

/// The outcome of one runbook, for machines that decide whether a change may proceed.
package struct RunReport: Codable, Sendable, Equatable {
  package enum Mode: String, Codable, Sendable {
    /// Reads were real or replayed, changes were predicted.
    case dryRun = "dry_run"
    case live
    /// Live, for practice.
    case drill
    /// Cases of a spec, in a pretend world.
    case spec
  }

  /// The path of the runbook as it was given.
  package var file: String
  package var name: String
  /// Nil when the header could not be read.
  package var version: String?
  package var mode: Mode
  /// The run's id; nil for a dry run.
  package var run: String?
  package var started: Date
  package var seconds: Double
  package var exitCode: ExitCode
  /// Predicted writes of all writes, 0 to 1; nil when nothing was to be written.
  package var exactness: Double?
  /// The least exactness that the runbook declares, 0 to 1.
  package var floor: Double?
  /// What was checked before the first step, such as the header and the lock, in order.
  package var checks: [ReportCase]
  /// In the order they began.
  package var steps: [ReportCase]
  package var inexact: [InexactPoint]
  /// How many operations there were, by kind.
  package var operations: [String: Int]
  /// Why the runbook as a whole ended; nil when it is in order.
  package var failure: CallFailure?

  enum CodingKeys: String, CodingKey {
    case file, name, version, mode, run, started, seconds
    case exitCode = "exit_code"
    case exactness, floor, checks, steps, inexact, operations, failure
  }

  package init(
    file: String,
    name: String,
    version: String?,
    mode: Mode,
    run: String? = nil,
    started: Date,
    seconds: Double,
    exitCode: ExitCode,
    exactness: Double? = nil,
    floor: Double? = nil,
    checks: [ReportCase] = [],
    steps: [ReportCase] = [],
    inexact: [InexactPoint] = [],
    operations: [String: Int] = [:],
    failure: CallFailure? = nil
  ) {
    self.file = file
    self.name = name
    self.version = version
    self.mode = mode
    self.run = run
    self.started = started
    self.seconds = seconds
    self.exitCode = exitCode
    self.exactness = exactness
    self.floor = floor
    self.checks = checks
    self.steps = steps
    self.inexact = inexact
    self.operations = operations
    self.failure = failure
  }

  /// Whether the plan is less exact than the runbook promises.
  package var isBelowFloor: Bool {
    guard let exactness, let floor else { return false }
    return exactness < floor
  }
}
