/// A moment at which a domain asks plugins, or work that it leaves to them (DESIGN section 11).
package struct HookPoint: Sendable, Equatable {
  /// A Lua name, for example `deployed`: that of the function in `init.lua`.
  package let name: String
  /// When it is asked and what an answer does, in one sentence.
  package let summary: String
  /// What its functions may do.
  package let effect: Effect
  /// How long a function may take.
  package let deadline: Duration

  package init(_ name: String, _ summary: String, effect: Effect, deadline: Duration = .seconds(15)) {
    self.name = name
    self.summary = summary
    self.effect = effect
    self.deadline = deadline
  }
}

/// What a plugin answered to a hook.
package struct HookAnswer: Sendable {
  /// The id of the plugin.
  package let plugin: String
  package let result: Result<Value, CallFailure>

  package init(plugin: String, _ result: Result<Value, CallFailure>) {
    self.plugin = plugin
    self.result = result
  }
}

/// Asks plugins at the hooks that domains name.
package protocol HookRunner: Sendable {
  /// The ids of the plugins that have a hook, in order.
  func plugins(with point: HookPoint) -> [String]
  /// Asks them one after the other; a plugin that fails or is late is one of the answers, and the next one is asked.
  func ask(_ point: HookPoint, _ subject: Value) async -> [HookAnswer]
}

/// Asks nobody: of surroundings without plugins.
package struct NoHooks: HookRunner {
  package init() {}
  package func plugins(with point: HookPoint) -> [String] { [] }
  package func ask(_ point: HookPoint, _ subject: Value) async -> [HookAnswer] { [] }
}
