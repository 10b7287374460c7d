package import LuaRuntime
package import PrimitiveKit
package import Rollout
package import RunbookHeader
package import Runs

/// What the runbooks of a session work with; put together by opsh.
package struct RunbookSetting: Sendable {
  /// What all runs work with.
  package var runs: RunSetting
  package var engine: LuaEngine
  package var rollouts: any RolloutRunner
  /// Where runbooks lie, the first first.
  package var folders: [String]
  /// The files of the runbooks that plugins offer, by their names, such as `desk/open`.
  package var offered: [String: String]
  /// What the code of a file may do, given its path; nil for a runbook of the operator.
  ///
  /// Throws where the plugin that offers it does not run.
  package var authority: @Sendable (String) throws(CallFailure) -> LuaAuthority?
  /// Throws where the text of a file may not run, given its path.
  package var admit: @Sendable (_ path: String, _ text: String) throws(CallFailure) -> Void
  /// What dry runs take for parameters that nobody gives.
  package var arguments: SiteArguments
  package var opshVersion: String
  /// Versions of the loaded plugins, by id.
  package var plugins: [String: String]
  /// Where a dry run had to guess, from the Lua engine.
  package var inexact: InexactPoints
  /// Refuses what needs an approval or a signature and has none.
  package var approvals: any PlanAdmission
  /// What domains add to a plan, given its operations.
  package var planLines: @Sendable ([OperationRecord]) async -> [String]
  /// Calls a primitive by name, to resume a single call.
  package var call: @Sendable (_ name: String, _ arguments: Value) async throws(CallFailure) -> Value

  package init(
    runs: RunSetting,
    engine: LuaEngine,
    rollouts: any RolloutRunner,
    folders: [String],
    offered: [String: String] = [:],
    authority: @escaping @Sendable (String) throws(CallFailure) -> LuaAuthority? = { _ in nil },
    admit: @escaping @Sendable (_ path: String, _ text: String) throws(CallFailure) -> Void = { _, _ in },
    arguments: SiteArguments = SiteArguments(),
    opshVersion: String,
    plugins: [String: String],
    inexact: InexactPoints,
    approvals: any PlanAdmission,
    planLines: @escaping @Sendable ([OperationRecord]) async -> [String] = { _ in [] },
    call: @escaping @Sendable (_ name: String, _ arguments: Value) async throws(CallFailure) -> Value
  ) {
    self.runs = runs
    self.engine = engine
    self.rollouts = rollouts
    self.folders = folders
    self.offered = offered
    self.authority = authority
    self.admit = admit
    self.arguments = arguments
    self.opshVersion = opshVersion
    self.plugins = plugins
    self.inexact = inexact
    self.approvals = approvals
    self.planLines = planLines
    self.call = call
  }
}
