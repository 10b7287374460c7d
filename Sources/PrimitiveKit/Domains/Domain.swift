/// What one domain adds to opsh, as a value: the composition collects them, and nothing else knows which there are.
///
/// A contribution that needs the site, the world or a service gets them in `Surroundings` when it is asked, so a domain
/// exists before any of them does and needs no other domain.
package struct Domain: Sendable {
  /// The noun, for example `fleet`.
  package let name: String
  /// The changes that a journal can read back.
  package var operations: [any Operation.Type] = []
  /// What it reads of `site.lua`.
  package var siteSections: [any SiteSection.Type] = []
  /// What it reads of a plugin's `system.lua`.
  package var systemSections: [any SystemSection.Type] = []
  /// Types that a plugin's settings may have.
  package var configTypes: [ConfigType] = []
  /// Kinds of scope that can be locked.
  package var lockKinds: [LockKind] = []
  /// Names that completion offers.
  package var candidates: [CandidateKind] = []
  /// Measurements that can be asked for, and how they are judged.
  package var checks: [Check] = []
  /// Moments at which it asks plugins.
  package var hooks: [HookPoint] = []
  /// Services that it brings to the world, with the drivers behind them.
  package var services: [ServiceDriver] = []
  /// Have a say before every change.
  package var guards: [any Guard] = []
  /// Have a say before a bot starts.
  package var startFilters: [any StartFilter] = []
  /// Have a say between the waves of a rollout and before a runbook.
  package var gates: [any Gate] = []
  /// Fields that it adds to the records of others.
  package var columns: [RecordColumn] = []
  /// Lines that it adds to any plan.
  package var planLines: [any PlanLine] = []
  /// Lines that it adds to the greeting of a session.
  package var banner: [any BannerLine] = []
  /// Tell hosts, databases and the like of a newer lock.
  package var fences: [any EpochFence] = []
  /// Sub-commands of the program.
  package var commands: [Subcommand] = []
  /// What Lua can call, once there is a site, a world and somebody to talk to.
  package var primitives: @Sendable (Surroundings) throws(CallFailure) -> [Primitive] = { _ in [] }
  /// Tables and handles that Lua code gets or writes, beside the records of primitives.
  package var shapes: [LuaShape] = []
  /// Globals that are no primitives.
  package var functions: [LuaFunction] = []
  /// The errors that one of its primitives may raise besides those of every call.
  package var errors: @Sendable (PrimitiveInfo) -> [ErrorInfo] = { _ in [] }
  /// What the code of a plugin needs to call one of its primitives.
  package var access: @Sendable (PrimitiveInfo) -> PluginAccess = { _ in .operators }

  package init(_ name: String) { self.name = name }
}

/// A type of a plugin's settings, beside text, integer, number, boolean, duration, path, url, host, bots and secret.
package struct ConfigType: Sendable {
  package let name: String
  /// What a value of it should be, in words; nil when the value is one.
  package let flaw: @Sendable (Value, any SiteNames) -> String?

  package init(_ name: String, flaw: @escaping @Sendable (Value, any SiteNames) -> String?) {
    self.name = name
    self.flaw = flaw
  }
}

/// Names of one kind that completion offers.
package struct CandidateKind: Sendable {
  /// What it offers, for example `hosts` or `.named("strategies")`.
  package let kind: Completion
  /// The names; answers from what is in memory, since completion waits for it while a key is down.
  package let names: @Sendable (Surroundings) -> [String]

  package init(_ kind: Completion, names: @escaping @Sendable (Surroundings) -> [String]) {
    self.kind = kind
    self.names = names
  }
}

/// Adds lines to any plan.
package protocol PlanLine: Sendable {
  /// What a plan should say besides its operations; empty for nothing.
  func lines(of changes: [OperationRecord], in surroundings: Surroundings) async -> [String]
}

/// Adds lines to the greeting of a session.
package protocol BannerLine: Sendable {
  func lines(in surroundings: Surroundings) async -> [String]
}
