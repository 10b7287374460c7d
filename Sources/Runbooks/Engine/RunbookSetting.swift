package import LuaRuntime
package import PrimitiveKit
package import Rollout

/// What the runbooks of a session work with; put together by opsh.
package struct RunbookSetting: Sendable {
  package var engine: LuaEngine
  package var registry: RegistryOpener
  package var world: World
  package var dialogue: any Dialogue
  package var options: SessionOptions
  package var interrupts: RunbookInterrupts
  package var rollouts: any RolloutRunner
  package var site: SiteView
  /// Where runbooks lie, the first first.
  package var folders: [String]
  package var opshVersion: String
  /// Versions of the loaded plugins, by id.
  package var plugins: [String: String]
  package var notify: @Sendable (QuestionNotice) async -> Void
  /// Where a dry run had to guess, from the Lua engine.
  package var inexact: InexactPoints
  /// Refuses what needs an approval or a signature and has none.
  package var approvals: any PlanAdmission
  /// The kinds of scope that can be locked.
  package var lockKinds: LockKinds
  /// What domains add to a plan, given its operations.
  package var planLines: @Sendable ([OperationRecord]) async -> [String]
  /// Calls a primitive by name, to resume a single call.
  package var call: @Sendable (_ name: String, _ arguments: Value) async throws(CallFailure) -> Value

  package init(
    engine: LuaEngine,
    registry: RegistryOpener,
    world: World,
    dialogue: any Dialogue,
    options: SessionOptions,
    interrupts: RunbookInterrupts,
    rollouts: any RolloutRunner,
    site: SiteView,
    folders: [String],
    opshVersion: String,
    plugins: [String: String],
    notify: @escaping @Sendable (QuestionNotice) async -> Void,
    inexact: InexactPoints,
    approvals: any PlanAdmission,
    lockKinds: LockKinds = .standard,
    planLines: @escaping @Sendable ([OperationRecord]) async -> [String] = { _ in [] },
    call: @escaping @Sendable (_ name: String, _ arguments: Value) async throws(CallFailure) -> Value
  ) {
    self.engine = engine
    self.registry = registry
    self.world = world
    self.dialogue = dialogue
    self.options = options
    self.interrupts = interrupts
    self.rollouts = rollouts
    self.site = site
    self.folders = folders
    self.opshVersion = opshVersion
    self.plugins = plugins
    self.notify = notify
    self.inexact = inexact
    self.approvals = approvals
    self.lockKinds = lockKinds
    self.planLines = planLines
    self.call = call
  }
}

/// What runbooks need to know of the site.
package struct SiteView: Sendable {
  package var name: String
  /// The hosts that a selector names; throws what is wrong with it.
  package var hosts: @Sendable (_ selector: String) throws(CallFailure) -> [String]
  /// What a lock on hosts takes.
  package var scopes: @Sendable (_ hosts: [String]) -> [LockScope]
  /// How scopes cover each other.
  var locking: SiteScopes { SiteScopes(scopes) }
  /// What dry runs take for parameters that nobody gives.
  package var arguments: SiteArguments

  package init(
    name: String,
    arguments: SiteArguments = SiteArguments(),
    hosts: @escaping @Sendable (_ selector: String) throws(CallFailure) -> [String],
    scopes: @escaping @Sendable (_ hosts: [String]) -> [LockScope]
  ) {
    self.arguments = arguments
    self.name = name
    self.hosts = hosts
    self.scopes = scopes
  }
}

/// Decides whether a plan may be carried out now.
package protocol PlanAdmission: Sendable {
  /// Throws `approval.*` when the site wants an approval that is not there; uses it up.
  func admit(_ plan: Plan, run: String, effects: Set<Effect>) async throws(CallFailure)
}
